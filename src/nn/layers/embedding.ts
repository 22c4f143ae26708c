import { normal } from "../../engine/random/index.ts";
import { type Tensor, take } from "../../engine/tensor/index.ts";
import { checkCounts } from "../check.ts";
import type { Layer } from "../model.ts";

/** Row `index` of a table, weight [count, size] from N(0, std^2): int32 indices [...] -> [..., size]. */
export function embedding({
  count,
  size,
  std = 1,
}: {
  readonly count: number;
  readonly size: number;
  readonly std?: number;
}): Layer<{ readonly weight: Tensor }> {
  checkCounts("embedding", { count, size });
  return {
    init: (key) => ({ weight: normal(key.fold("weight"), [count, size], { std }) }),
    apply: (params, indices) => take(params.weight, indices),
  };
}
