export * from "./distribution/index.ts";
export * from "./episodes/index.ts";
export * from "./file/index.ts";
export * from "./image/index.ts";
export { type Split, split } from "./split.ts";
export {
  type Normalization,
  rescaling,
  type Statistics,
  standardization,
  statistics,
} from "./statistics.ts";
