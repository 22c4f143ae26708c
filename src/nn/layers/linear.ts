import { add, matmul, reshape, type Tensor } from "../../engine/tensor/index.ts";
import { checkCounts, checkLength } from "../check.ts";
import { affineValues, type Start } from "../initial.ts";
import type { Layer } from "../model.ts";

export type AffineParams = { readonly weight: Tensor; readonly bias?: Tensor };

export interface LinearOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** true unless given */
  readonly bias?: boolean;
  /** "uniform" unless given */
  readonly start?: Start;
}

/** y = x Wᵀ + b over the last axis; weight [outputs, inputs], bias [outputs]; x [..., inputs] -> [..., outputs]. */
export function linear({
  inputs,
  outputs,
  bias = true,
  start = "uniform",
}: LinearOptions): Layer<AffineParams> {
  checkCounts("linear", { inputs, outputs });
  return {
    init: (key) => affineValues(key, { weight: [outputs, inputs], bias: bias ? outputs : 0, start }),
    apply(params, x) {
      checkLength("linear", x, { axis: -1, length: inputs });
      return affine(params, x);
    },
  };
}

/** x Wᵀ + b as one tall matrix product: bias and product become one Gemm when the rows are folded first. */
export function affine({ weight, bias }: AffineParams, x: Tensor): Tensor {
  const [outputs, inputs] = weight.shape as [number, number];
  const rows = reshape(x, [x.size / inputs, inputs]);
  const product = matmul(rows, weight, { transposeB: true });
  return reshape(bias ? add(product, bias) : product, [...x.shape.slice(0, -1), outputs]);
}
