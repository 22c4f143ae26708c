export * from "./array/index.ts";
export { type Clock, systemClock } from "./clock.ts";
export { AdvectError, type ErrorKind, type ErrorReport } from "./error.ts";
export * from "./onnx/index.ts";
export * from "./platform/index.ts";
export * from "./random/index.ts";
export * from "./runtime/index.ts";
export * from "./tensor/index.ts";
