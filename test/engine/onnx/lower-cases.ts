import fc from "fast-check";
import { expect } from "vitest";
import { asType, type NdArray, type Shape } from "../../../src/engine/array/index.ts";
import { type CompileOptions, compile, specOf } from "../../../src/engine/runtime/index.ts";
import { interpret, leaves, type Tensor, type TensorDType } from "../../../src/engine/tensor/index.ts";
import { sample } from "../../helpers/gradcheck.ts";

/** A function of tensors, numbers to call it with, and what a failure should say. */
export interface Case {
  readonly label: string;
  readonly fn: (...inputs: Tensor[]) => Tensor;
  readonly inputs: readonly NdArray[];
}

/** Compiles all cases as one graph; every result must be the interpreter's, but for the rounding of its dtype. */
export async function expectAgreement(cases: readonly Case[], options: CompileOptions = {}): Promise<void> {
  const fn = (...groups: Tensor[][]) => cases.map((entry, i) => entry.fn(...groups[i]!));
  const inputs = cases.map((entry) => entry.inputs);
  using compiled = await compile(fn, inputs.map(specOf) as never, { device: "cpu", ...options });
  const got = leaves<NdArray>(await compiled(...(inputs as never[])));
  const expected = leaves<NdArray>(interpret(fn, ...(inputs as never[])));
  cases.forEach((entry, i) => expectClose(got[i]!, { expected: expected[i]!, label: labelOf(entry) }));
}

export const labelOf = ({ label, inputs }: Case): string =>
  `${label} of ${inputs.map(({ dtype, shape }) => `${dtype} [${shape}]`).join(", ")}`;

/** The size of an error that rounding explains, relative to the largest number of the result and at least 1. */
const roundings: Readonly<Record<string, number>> = { float32: 3e-6, float64: 1e-13, int32: 0, bool: 0 };

function expectClose(got: NdArray, { expected, label }: { expected: NdArray; label: string }): void {
  expect(got.shape, label).toEqual(expected.shape);
  const largest = Math.max(1, ...Float64Array.from(expected.data, Math.abs));
  const allowed = roundings[got.dtype]! * largest;
  const wrong = Array.from(expected.data, (value, i) => ({ i, value, got: got.data[i]! })).filter(
    (element) => !(Math.abs(element.got - element.value) <= allowed || Object.is(element.got, element.value)),
  );
  expect(wrong.slice(0, 4), label).toEqual([]);
}

export interface Numbers {
  readonly dtype?: TensorDType;
  readonly range?: readonly [low: number, high: number];
  readonly seed?: number;
}

/** Numbers of a dtype that depend on the seed only; whole ones include both ends of the range. */
export function numbers(
  shape: Shape,
  { dtype = "float32", range = [-3, 3], seed = 1 }: Numbers = {},
): NdArray {
  if (dtype === "float32" || dtype === "float64") return asType(sample(shape, seed, range), dtype);
  const [low, high] = dtype === "bool" ? [0, 1] : range;
  const real = sample(shape, seed, [low, high + 1]);
  return asType({ ...real, data: real.data.map(Math.floor) }, dtype);
}

export const seeds = fc.integer({ min: 1, max: 10_000 });
export const lengths = fc.integer({ min: 1, max: 5 });

export const shapes = (minLength = 0, maxLength = 4): fc.Arbitrary<number[]> =>
  fc.array(lengths, { minLength, maxLength });

/** A shape that broadcasts to `shape`: some lengths are 1, some leading axes are missing. */
export function narrowed(shape: Shape): fc.Arbitrary<number[]> {
  return fc
    .tuple(fc.nat({ max: shape.length }), fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }))
    .map(([missing, ones]) => shape.map((length, axis) => (ones[axis] ? 1 : length)).slice(missing));
}

/** Shapes of `count` operands that broadcast together. */
export function together(count: number): fc.Arbitrary<number[][]> {
  return shapes().chain((shape) => fc.tuple(...Array.from({ length: count }, () => narrowed(shape))));
}

/** A shape and one of its axes. */
export const shapeAndAxis = shapes(1).chain((shape) =>
  fc.record({ shape: fc.constant(shape), axis: fc.nat({ max: shape.length - 1 }) }),
);

/** A shape and some of its axes, ascending, at least `least`. */
export const shapeAndAxes = (least = 1) =>
  shapes(least).chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      axes: fc.subarray(
        shape.map((_, axis) => axis),
        { minLength: least },
      ),
    }),
  );
