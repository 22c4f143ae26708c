export type { Port } from "./call.ts";
export { decodeModel } from "./decode.ts";
export { emitModel, type GraphRequest } from "./emit.ts";
export type { EmitOptions } from "./emitter.ts";
export { encodeModel } from "./encode.ts";
export { type ImportedModel, type ImportOptions, importOnnx } from "./import.ts";
export { type LoopRequest, loopModel, loopPrefix } from "./loop.ts";
export type { OnnxModel } from "./model.ts";
