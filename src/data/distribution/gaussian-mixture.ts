import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { categorical, type Key, normal } from "../../engine/random/index.ts";
import { checkOption, type Distribution, eachPoint, logSumExp, type Point } from "./distribution.ts";

export interface Component {
  readonly mean: Point;
  /** [xx, xy, yy], positive definite; a number v stands for v I. */
  readonly covariance: number | readonly [number, number, number];
  /** Relative, >= 0; 1 unless given. */
  readonly weight?: number;
}

/** One component, ready to draw and to evaluate. */
interface Prepared {
  readonly mean: Point;
  /** Cholesky factor, lower triangular: [xx, yx, yy]. */
  readonly factor: readonly [number, number, number];
  readonly logWeight: number;
}

/**
 * p(x) = sum_k w_k N(x; mean_k, covariance_k), with exact log-density, and entropy for a single component.
 * Throws "option" for no components, weights that are not >= 0 with a positive sum, or a covariance that is not
 * positive definite.
 */
export function gaussianMixture(
  components: readonly Component[],
  { name = "gaussian-mixture" }: { readonly name?: string } = {},
): Distribution {
  const prepared = prepare(components);
  const only = prepared.length === 1 ? prepared[0]! : undefined;
  const logDensity = (point: Point) => logSumExp(Float64Array.from(prepared, (part) => logTerm(part, point)));
  return {
    name,
    sample: (key, count) => draw(prepared, key, count),
    logDensity: (x) => eachPoint(x, logDensity),
    ...(only && { entropy: 1 + Math.log(2 * Math.PI * only.factor[0] * only.factor[2]) }),
  };
}

/** Eight equal Gaussians N(m, std^2 I) on a circle, the first at (radius, 0). Throws "option". */
export function eightGaussians({ radius = 3.5, std = 0.2 } = {}): Distribution {
  checkOption("eightGaussians", "radius", radius);
  checkOption("eightGaussians", "std", std);
  const components = Array.from({ length: 8 }, (_, k): Component => {
    const angle = (k * Math.PI) / 4;
    return { mean: [radius * Math.cos(angle), radius * Math.sin(angle)], covariance: std ** 2 };
  });
  return gaussianMixture(components, { name: "eight-gaussians" });
}

function prepare(components: readonly Component[]): Prepared[] {
  const weights = components.map(({ weight = 1 }) => weight);
  const sum = weights.reduce((a, b) => a + b, 0);
  if (!(sum > 0 && sum < Infinity) || weights.some((weight) => weight < 0)) {
    throw new AdvectError("option", "gaussianMixture", {
      expected: "at least one component, and weights >= 0 with a positive sum",
      got: weights,
    });
  }
  return components.map(({ mean, covariance }, k) => ({
    mean,
    factor: cholesky(mean, covariance),
    logWeight: Math.log(weights[k]! / sum),
  }));
}

function cholesky(mean: Point, covariance: Component["covariance"]): [number, number, number] {
  const [xx, xy, yy] = typeof covariance === "number" ? [covariance, 0, covariance] : covariance;
  const a = Math.sqrt(xx);
  const b = xy / a;
  const c = Math.sqrt(yy - b * b);
  if ([...mean, a, b, c].every(Number.isFinite) && a > 0 && c > 0) return [a, b, c];
  throw new AdvectError("option", "gaussianMixture", {
    expected: "finite means and positive definite covariances [xx, xy, yy]",
    got: JSON.stringify({ mean, covariance }),
  });
}

/** ln w + ln N(x; mean, L L^T) by L z = x - mean. */
function logTerm({ mean, factor: [a, b, c], logWeight }: Prepared, [x, y]: Point): number {
  const z0 = (x - mean[0]) / a;
  const z1 = (y - mean[1] - b * z0) / c;
  return logWeight - Math.log(2 * Math.PI * a * c) - (z0 * z0 + z1 * z1) / 2;
}

function draw(parts: readonly Prepared[], key: Key, count: number): NdArray<"float32"> {
  const logits = ndarray(
    Float64Array.from(parts, ({ logWeight }) => logWeight),
    [parts.length],
    "float64",
  );
  const chosen = categorical(key.fold("component"), { logits }, [count]).data;
  const samples = normal(key.fold("noise"), [count, 2]);
  for (let i = 0; i < count; i++) {
    const { mean, factor } = parts[chosen[i]!]!;
    const [z0, z1] = [samples.data[2 * i]!, samples.data[2 * i + 1]!];
    samples.data[2 * i] = mean[0] + factor[0] * z0;
    samples.data[2 * i + 1] = mean[1] + factor[1] * z0 + factor[2] * z1;
  }
  return samples;
}
