export { pack } from "./pack.ts";
export { type UnpackLimits, unpack } from "./unpack.ts";
export { type Fields, fields, isFields, type Value } from "./value.ts";
