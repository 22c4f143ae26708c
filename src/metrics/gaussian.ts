import { type NdArray, ndarray } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import { type Estimate, meanOf } from "./estimate.ts";
import { checkFinite, type Distance, rowsOf } from "./pair.ts";

/** A normal distribution of flattened samples. */
export interface Gaussian {
  /** [size]. */
  readonly mean: NdArray<"float64">;
  /** [size, size], positive definite. */
  readonly covariance: NdArray<"float64">;
}

/** Mean and covariance of rows, the covariance divided by count - 1. Throws "shape" for fewer than two rows, "numerical". */
export function fitGaussian(samples: NdArray): Gaussian {
  const { count, size, data } = rowsOf(samples);
  if (count < 2 || size === 0) {
    throw new AdvectError("shape", "fitGaussian", { expected: "at least two rows", got: samples.shape });
  }
  checkFinite("fitGaussian", "samples", { data });
  const mean = new Float64Array(size);
  for (let at = 0; at < data.length; at++) mean[at % size]! += data[at]! / count;
  const covariance = new Float64Array(size * size);
  for (let i = 0; i < count; i++) {
    for (let a = 0; a < size; a++) {
      const da = data[i * size + a]! - mean[a]!;
      for (let b = 0; b < size; b++) {
        covariance[a * size + b]! += (da * (data[i * size + b]! - mean[b]!)) / (count - 1);
      }
    }
  }
  return { mean: ndarray(mean, [size]), covariance: ndarray(covariance, [size, size]) };
}

/**
 * The mean of -ln N(x; mean, covariance) over rows, in nats a row, with its standard error. Its floor, the value for
 * samples of the Gaussian itself, is `gaussianEntropy`. Throws "shape"; "numerical" unless positive definite and finite.
 */
export function gaussianNll(gaussian: Gaussian, x: NdArray): Estimate {
  const { count, size, data } = rowsOf(x);
  if (size !== gaussian.mean.data.length || count === 0) {
    throw new AdvectError("shape", "gaussianNll", {
      expected: `rows of ${gaussian.mean.data.length} elements`,
      got: x.shape,
    });
  }
  checkFinite("gaussianNll", "x", { data });
  const factor = cholesky(gaussian.covariance);
  const constant = (size / 2) * Math.log(2 * Math.PI) + halfLogDeterminant(factor, size);
  const values = Float64Array.from({ length: count }, (_, i) => {
    const row = data.subarray(i * size, (i + 1) * size);
    return constant + squaredLength(factor, row, gaussian.mean.data) / 2;
  });
  return meanOf(values);
}

/** Of the reference under the Gaussian fitted to the samples: what a model says that knows two moments. Needs more rows than elements. */
export const fittedGaussianNll: Distance = ({ samples, reference }) =>
  gaussianNll(fitGaussian(samples), reference).value;

/** size / 2 ln(2 pi e) + ln det(covariance) / 2, in nats. Throws "numerical" unless positive definite. */
export function gaussianEntropy({ mean, covariance }: Gaussian): number {
  const size = mean.data.length;
  return (size / 2) * Math.log(2 * Math.PI * Math.E) + halfLogDeterminant(cholesky(covariance), size);
}

/** L lower triangular with L L^T = a. */
function cholesky({ data, shape }: NdArray<"float64">): Float64Array {
  const size = shape[0]!;
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = data[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= factor[i * size + k]! * factor[j * size + k]!;
      factor[i * size + j] = i === j ? Math.sqrt(sum) : sum / factor[j * size + j]!;
    }
    if (!(factor[i * size + i]! > 0)) {
      throw new AdvectError("numerical", "gaussian", {
        expected: "a positive definite covariance",
        got: `a pivot that is not positive at element ${i}`,
        fix: "Use more samples than elements, and leave out elements that do not vary.",
      });
    }
  }
  return factor;
}

function halfLogDeterminant(factor: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += Math.log(factor[i * size + i]!);
  return sum;
}

/** |z|^2 with L z = x - mean. */
function squaredLength(factor: Float64Array, x: Float64Array, mean: Float64Array): number {
  const size = mean.length;
  const z = new Float64Array(size);
  let sum = 0;
  for (let i = 0; i < size; i++) {
    let rest = x[i]! - mean[i]!;
    for (let k = 0; k < i; k++) rest -= factor[i * size + k]! * z[k]!;
    z[i] = rest / factor[i * size + i]!;
    sum += z[i]! ** 2;
  }
  return sum;
}
