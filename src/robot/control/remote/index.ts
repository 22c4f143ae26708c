export { type OnnxPolicyOptions, onnxPolicy } from "./onnx-policy.ts";
export { type RemoteOptions, type RemotePolicy, remote } from "./remote.ts";
export type { RemoteSource } from "./source.ts";
