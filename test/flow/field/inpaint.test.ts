import { expect, test } from "vitest";
import { array, type NdArray } from "../../../src/engine/array/index.ts";
import { constant, filled, input, interpret, mul, type Tensor } from "../../../src/engine/tensor/index.ts";
import { inpaint, type VelocityField } from "../../../src/flow/field/index.ts";
import { affine, condOT, cosine, toward } from "../../../src/flow/path/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { filledWith } from "../path/cases.ts";

const x0 = sample([2, 4], 1);
const x1 = sample([2, 4], 2);
const free: VelocityField = (x) => mul(x, -0.7);
const weights = constant(array([1, 0, 1, 0], "float64"));
const known = (index: number) => index % 2 === 0;

/** Euler steps from t = 0, to t = steps / of. */
function integrated(field: VelocityField, { steps, of }: { steps: number; of: number }): NdArray {
  let x: NdArray = x0;
  for (let i = 0; i < steps; i++) {
    const v: NdArray = interpret(field, x, filledWith(i / of, [2]));
    const data = Float64Array.from(x.data, (value, j) => value + v.data[j]! / of);
    x = { shape: [2, 4], dtype: "float64", data };
  }
  return x;
}

test("the known part arrives at its values, and the rest goes where it goes alone", () => {
  const field = inpaint(free, { known: toward({ x1: constant(x1), scheduler: condOT }), weights });
  const [painted, alone] = [field, free].map((f) => integrated(f, { steps: 10, of: 10 }).data);
  painted!.forEach((value, i) => expect(value).toBeCloseTo(known(i) ? x1.data[i]! : alone![i]!, 12));
});

test("on the way, the known part is on its path from the noise it started with", () => {
  const field = inpaint(free, { known: toward({ x1: constant(x1), scheduler: cosine }), weights });
  const halfway = integrated(field, { steps: 2000, of: 4000 });
  const { xt } = interpret(
    (a: Tensor, b: Tensor, t: Tensor) => affine(cosine).sample({ x0: a, x1: b, t }),
    x0,
    x1,
    filledWith(0.5, [2]),
  );
  halfway.data.forEach((value, i) => {
    if (known(i)) expect(value).toBeCloseTo(xt.data[i]!, 2);
  });
  expect(halfway.data[1]).not.toBeCloseTo(xt.data[1]!, 1);
});

test("weights between 0 and 1 mix the velocities", () => {
  const field = inpaint(free, { known: (x) => mul(x, 2), weights: filled([], 0.25, "float64") });
  const v = interpret(field, x0, filledWith(0.3, [2]));
  v.data.forEach((value, i) => expect(value).toBeCloseTo((0.75 * -0.7 + 0.25 * 2) * x0.data[i]!, 12));
});

test("weights that do not fit are refused", () => {
  const tensor = (shape: number[]) => input("x", { shape, dtype: "float32" });
  const field = inpaint(free, { known: free, weights: tensor([3]) });
  expect(() => field(tensor([2, 4]), tensor([2]))).toThrow(
    "inpaint: expected weights that broadcast to [2,4], got [3]",
  );
});
