import { type Normalization, rescaling, standardization, statistics } from "../../data/index.ts";
import { asType, type NdArray, ndarray } from "../../engine/array/index.ts";
import type { NamedArrays } from "../../train/index.ts";

/** Between the units of the data and those of the model, with the numbers to do it again. */
export interface Units extends Normalization {
  readonly stats: NamedArrays;
}

export type UnitWords = "standardize" | "rescale" | "none";

/** The units that make samples like x [count, ...shape] fit for a model. Throws "numerical", "shape". */
export function unitsFor(words: UnitWords, x: NdArray): Units {
  if (words === "none") return unitsFrom(words, {});
  const { mean, std, min, max } = statistics(x);
  return unitsFrom(words, rounded(words === "standardize" ? { mean, std } : { min, max }));
}

/** The same again from the numbers, as a checkpoint has them. */
export function unitsFrom(words: UnitWords, stats: NamedArrays): Units {
  if (words === "none") return { stats: {}, apply: single, invert: single };
  const wide = Object.fromEntries(
    Object.entries(stats).map(([name, array]) => [name, asType(array, "float64")]),
  ) as Readonly<Record<string, NdArray<"float64">>>;
  const normalization =
    words === "standardize"
      ? standardization({ mean: wide.mean!, std: wide.std! })
      : rescaling({ min: wide.min!, max: wide.max! });
  return { ...normalization, stats };
}

/** As files keep them, so that a model sees the same units before and after. */
function rounded(stats: Readonly<Record<string, NdArray>>): NamedArrays {
  return Object.fromEntries(Object.entries(stats).map(([name, array]) => [name, asType(array, "float32")]));
}

const single = (x: NdArray): NdArray<"float32"> => asType(x, "float32");

/** x = shift + scale y, element by element: what `invert` does, for graphs. Each of the shape of a sample. */
export function affineOf({ invert }: Units, shape: readonly number[]) {
  const size = shape.reduce((a, b) => a * b, 1);
  const at = (value: number) => invert(ndarray(new Float32Array(size).fill(value), [1, ...shape])).data;
  const [shift, one] = [at(0), at(1)];
  return {
    shift: ndarray(shift, shape),
    scale: ndarray(
      Float32Array.from(one, (value, i) => value - shift[i]!),
      shape,
    ),
  };
}
