import type { NdArray } from "../array/index.ts";
import { fillNormal, fillUniform, type Key, rademacher } from "../random/index.ts";
import type { Distribution } from "../tensor/index.ts";

/** Fills `out` with draws of the distribution. */
export function fillDraw(distribution: Distribution, key: Key, out: Float32Array): void {
  if (distribution === "normal") fillNormal(key, out);
  else if (distribution === "uniform") fillUniform(key, out);
  else out.set((rademacher(key, [out.length]) as NdArray<"float32">).data);
}
