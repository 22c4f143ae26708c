import type { Emitter, Ref } from "../emitter.ts";

/** x in another shape; without `allowzero`, a length of 0 would mean that of x at the same place. */
export function reshaped(e: Emitter, x: Ref, shape: readonly number[]): Ref {
  return e.node("Reshape", [x, e.ints(shape)], shape.includes(0) ? { allowzero: { int: 1 } } : {});
}
