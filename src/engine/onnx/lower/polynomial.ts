import type { Emitter, Ref } from "../emitter.ts";

/** c_0 + c_1 x + c_2 x^2 + … by Horner's rule, for x of float32 and at least two coefficients. */
export function polynomial(e: Emitter, x: Ref, coefficients: readonly [number, ...number[]]): Ref {
  const [highest, ...others] = [...coefficients].reverse() as [number, ...number[]];
  const first = e.node("Mul", [x, e.scalar(highest, "float32")]);
  return others.reduce(
    (sum, c, i) => e.node("Add", [i === 0 ? sum : e.node("Mul", [sum, x]), e.scalar(c, "float32")]),
    first,
  );
}
