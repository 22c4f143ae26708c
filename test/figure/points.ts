import { key, type NdArray, normal } from "../../src/engine/index.ts";

/** Points around the origin: [count, 2]. */
export function gaussian(name: string, count: number): NdArray<"float32"> {
  return normal(key(name), [count, 2]);
}
