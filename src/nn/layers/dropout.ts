import { AdvectError } from "../../engine/error.ts";
import { constant, type Draw, less, mul, type Tensor, where } from "../../engine/tensor/index.ts";

export interface DropoutOptions {
  /** Probability of an element to become 0, in [0, 1). */
  readonly rate: number;
  /** Where the uniform numbers come from; the identity without. */
  readonly draw: Draw | undefined;
  /** Of the random input; "dropout" unless given. */
  readonly name?: string;
}

/** x / (1 - rate) where u >= rate, else 0, with u ~ U(0, 1): the expectation is x [srivastava2014]. Throws "option". */
export function dropout(x: Tensor, { rate, draw, name = "dropout" }: DropoutOptions): Tensor {
  if (!(rate >= 0 && rate < 1)) {
    throw new AdvectError("option", "dropout", { expected: "a rate in [0, 1)", got: rate });
  }
  if (!draw || rate === 0) return x;
  const dropped = less(draw.uniform(name, x.shape), rate);
  return mul(x, where(dropped, 0, constant(1 / (1 - rate), x.dtype)));
}
