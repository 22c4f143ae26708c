import type { Lowering } from "./lowering.ts";
import { polynomial } from "./polynomial.ts";

/** 2 atanh(q) / q in powers of q^2 with relative error 4e-9 for 0 <= q <= 1/3, by Remez' exchange. */
const powers = [
  2.0000000079210487, 0.666663146818625, 0.40024910287480525, 0.2796060267692968, 0.2817833525566944,
] as const;

/**
 * log(1 + exp(x)) = max(x, 0) + log(1 + e) with e = exp(-|x|), log(1 + e) = 2 atanh(q) and q = e / (2 + e) <= 1/3: to
 * 3e-7 of itself, also where it is tiny, in a quarter of the time of ONNX Runtime's Softplus.
 */
export const softplus: Lowering<"softplus"> = (e, y, x) => {
  if (y.dtype !== "float32") return e.node("Softplus", [x]);
  const small = e.node("Exp", [e.node("Neg", [e.node("Abs", [x])])]);
  const q = e.node("Div", [small, e.node("Add", [small, e.scalar(2, "float32")])]);
  const slope = polynomial(e, e.node("Mul", [q, q]), powers);
  return e.node("Add", [e.node("Mul", [q, slope]), e.node("Relu", [x])]);
};
