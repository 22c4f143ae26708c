import {
  abs,
  cast,
  div,
  expandDims,
  mean,
  mul,
  sub,
  sum,
  type Tensor,
} from "../../../engine/tensor/index.ts";

/** A prediction of chunks, [batch, horizon, dimensions], and which steps of them count, [batch, horizon]. */
export interface Compared {
  readonly answer: Tensor;
  readonly wanted: Tensor;
  readonly valid?: Tensor | undefined;
}

/** The mean of (answer - wanted)^2, or of |answer - wanted|, over the steps that count. */
export function chunkError(
  { answer, wanted, valid }: Compared,
  kind: "squared" | "absolute" = "squared",
): Tensor {
  const difference = sub(answer, wanted);
  const error = kind === "squared" ? mul(difference, difference) : abs(difference);
  if (!valid) return mean(error);
  const weights = cast(valid, error.dtype);
  return div(sum(mul(error, expandDims(weights, -1))), mul(sum(weights), error.shape.at(-1)!));
}
