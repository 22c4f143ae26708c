import { type NdArray, ndarray, type Shape, sizeOf } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";

/** Of every element of a sample, over the samples; float64, of the shape of a sample. */
export interface Statistics {
  readonly mean: NdArray<"float64">;
  /** Root of the mean squared deviation: divided by count, not count - 1. */
  readonly std: NdArray<"float64">;
  readonly min: NdArray<"float64">;
  readonly max: NdArray<"float64">;
}

/** A change of units, element by element, for batches of samples. */
export interface Normalization {
  /** Data to what the model sees. Throws "shape". */
  apply(x: NdArray): NdArray<"float32">;
  /** And back. Throws "shape". */
  invert(y: NdArray): NdArray<"float32">;
}

/** Statistics over the first axis of x: [count, ...shape]. Throws "shape" without samples, "numerical" unless finite. */
export function statistics(x: NdArray): Statistics {
  const [count = 0, ...shape] = x.shape;
  if (x.data.length === 0) {
    throw new AdvectError("shape", "statistics", { expected: "[count, ...shape], not empty", got: x.shape });
  }
  const wrong = x.data.findIndex((value: number) => !Number.isFinite(value));
  if (wrong !== -1) {
    const got = `${x.data[wrong]} at element ${wrong}`;
    throw new AdvectError("numerical", "statistics", { expected: "finite values", got });
  }
  const size = sizeOf(shape);
  const over = (start: number, fn: (sum: number, value: number, j: number) => number) => {
    const result = new Float64Array(size).fill(start);
    for (let i = 0, j = 0; i < x.data.length; i++, j = (j + 1) % size) {
      result[j] = fn(result[j]!, x.data[i]!, j);
    }
    return result;
  };
  const mean = over(0, (sum, value) => sum + value).map((sum) => sum / count);
  const squares = over(0, (sum, value, j) => sum + (value - mean[j]!) ** 2);
  const std = squares.map((sum) => Math.sqrt(sum / count));
  const wrap = (data: Float64Array) => ndarray(data, shape, "float64");
  return {
    mean: wrap(mean),
    std: wrap(std),
    min: wrap(over(Infinity, (low, value) => Math.min(low, value))),
    max: wrap(over(-Infinity, (high, value) => Math.max(high, value))),
  };
}

/** y = (x - mean) / std. Elements that do not vary, std <= 1e-6 |mean|, are shifted only. */
export function standardization({ mean, std }: Pick<Statistics, "mean" | "std">): Normalization {
  return affine({ shape: mean.shape, shift: mean.data, scale: std.data });
}

/** y = 2 (x - min) / (max - min) - 1, in [-1, 1]. Elements that do not vary become 0. */
export function rescaling({ min, max }: Pick<Statistics, "min" | "max">): Normalization {
  const shift = min.data.map((low, j) => (low + max.data[j]!) / 2);
  return affine({ shape: min.shape, shift, scale: max.data.map((high, j) => (high - min.data[j]!) / 2) });
}

interface Affine {
  readonly shape: Shape;
  readonly shift: Float64Array;
  readonly scale: Float64Array;
}

function affine({ shape, shift, scale }: Affine): Normalization {
  const safe = scale.map((value, j) => (value > 1e-6 * Math.abs(shift[j]!) ? value : 1));
  const map = (x: NdArray, fn: (value: number, j: number) => number) => {
    const fits =
      x.shape.length === shape.length + 1 && shape.every((length, axis) => length === x.shape[axis + 1]);
    if (!fits) {
      throw new AdvectError("shape", "normalization", {
        expected: `samples of shape [count, ${shape}]`,
        got: x.shape,
      });
    }
    const data = new Float32Array(x.data.length);
    for (let i = 0; i < data.length; i++) data[i] = fn(x.data[i]!, i % shift.length);
    return ndarray(data, x.shape, "float32");
  };
  return {
    apply: (x) => map(x, (value, j) => (value - shift[j]!) / safe[j]!),
    invert: (y) => map(y, (value, j) => value * safe[j]! + shift[j]!),
  };
}
