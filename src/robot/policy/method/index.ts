export { noiseOf } from "./diffusion.ts";
export type { ChunkBatch, ChunkMethod, ChunkRequest, ChunkSampler, Walk } from "./method.ts";
export { methodOf } from "./method-of.ts";
