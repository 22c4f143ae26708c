export { type Batched, type BatchedOptions, batched } from "./batched.ts";
export { type Compiled, type CompileOptions, compile } from "./compile.ts";
export type { Device } from "./device.ts";
export { fillDraw } from "./draws.ts";
export { evaluate } from "./evaluate.ts";
export { boundParams, type ExportRequest, exportOnnx } from "./export.ts";
export { exportLoop, type LoopExport } from "./export-loop.ts";
export { type Graph, openGraph, type RunFacts, type RunOptions } from "./graph.ts";
export { type LoadedModel, type LoadOptions, loadOnnx } from "./load.ts";
export { defaultDevice, devices } from "./open.ts";
export type { Arrays, Run, Session, ValueType } from "./session.ts";
export {
  type Given,
  type GivenList,
  random,
  type Signature,
  type Signed,
  type Spec,
  spec,
  specOf,
} from "./signature.ts";
export { type Trace, trace } from "./trace.ts";
