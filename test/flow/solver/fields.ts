import { type NdArray, ndarray } from "../../../src/engine/array/index.ts";
import {
  concat,
  constant,
  cos,
  expandDims,
  interpret,
  matmul,
  sin,
  slice,
  type Tensor,
  tanh,
} from "../../../src/engine/tensor/index.ts";
import type { CompiledField, VelocityField } from "../../../src/flow/field/index.ts";
import { double, type GoldenArray } from "../../nn/golden-file.ts";

export type GoldenField = Readonly<Record<string, unknown>> & { readonly type: string };

/** A field of the golden files as symbolic tensors. */
export function goldenField(given: GoldenField): VelocityField {
  const number = (name: string) => given[name] as number;
  const array = (name: string) => constant(double(given[name] as GoldenArray));
  const column = (x: Tensor, i: number) => slice(x, { axis: 1, start: i, stop: i + 1 });
  const line = (t: Tensor) => expandDims(t, 1);
  const affine = (x: Tensor, w: string, b: string) => matmul(x, array(w), { transposeB: true }).add(array(b));
  const fields: Readonly<Record<string, VelocityField>> = {
    linear: (x) => affine(x, "A", "b"),
    vdp: (x) => {
      const [p, q] = [column(x, 0), column(x, 1)];
      return concat([q, p.mul(p).neg().add(1).mul(q).mul(number("mu")).sub(p)], 1);
    },
    timepoly: (x, t) => x.mul(line(t.mul(t))).add(number("c")),
    osc: (x, t) =>
      x
        .neg()
        .mul(line(sin(t.mul(number("w")))))
        .add(line(cos(t))),
    gauss: (x, t) => {
      const [m, s2] = [number("m"), number("s") ** 2];
      const rest = t.neg().add(1);
      const ratio = t
        .mul(s2)
        .sub(rest)
        .div(t.mul(t).mul(s2).add(rest.mul(rest)));
      return x
        .sub(line(t.mul(m)))
        .mul(line(ratio))
        .add(m);
    },
    mlp: (x, t) => {
      const hidden = tanh(affine(concat([x, line(t)], 1), "W1", "b1"));
      return matmul(hidden, array("W2"), { transposeB: true }).add(array("b2"));
    },
  };
  return fields[given.type]!;
}

/** The field on numbers, in float64. */
export function onNumbers(field: VelocityField): CompiledField {
  return async (x, t) => interpret(field, x, t);
}

/** A field given element by element, in the dtype of x. */
export function elementwise(v: (x: number, t: number) => number): CompiledField {
  return async (x, t) => {
    const width = x.data.length / t.data.length;
    const data = x.data.slice() as Float64Array;
    for (let e = 0; e < data.length; e++) data[e] = v(x.data[e]!, t.data[Math.floor(e / width)]!);
    return ndarray(data, x.shape, x.dtype as "float64");
  };
}

export const vector = (...values: number[]): NdArray<"float64"> =>
  ndarray(Float64Array.from(values), [values.length, 1], "float64");
