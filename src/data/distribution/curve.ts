import {
  checkOption,
  type Distribution,
  eachPoint,
  logSumExp,
  type Point,
  sampleAround,
} from "./distribution.ts";

export interface CurveOptions {
  readonly name: string;
  /** The point at a place in [0, 1); smooth but for jumps at multiples of 1 / 512. */
  readonly at: (place: number) => Point;
  /** Standard deviation of the noise, > 0. */
  readonly noise: number;
}

/** Abscissae and weights of the four-point Gauss-Legendre rule on [0, 1]. */
const gauss: readonly Point[] = [
  [0.06943184420297371, 0.1739274225687269],
  [0.33000947820757187, 0.3260725774312731],
  [0.6699905217924281, 0.3260725774312731],
  [0.9305681557970263, 0.1739274225687269],
];
const panels = 512;

/**
 * A curve blurred by noise: x = at(u) + noise z with u uniform in [0, 1), z from N(0, I), so that
 * p(x) = int_0^1 N(x; at(u), noise^2 I) du, computed by the four-point Gauss rule on 512 panels: to rounding where a
 * panel is shorter than the noise and `at` is smooth. Throws "option".
 */
export function curve({ name, at, noise }: CurveOptions): Distribution {
  checkOption(name, "noise", noise);
  let nodes: Nodes | undefined;
  return {
    name,
    sample: sampleAround(at, noise),
    logDensity: (x) => {
      nodes ??= nodesOf(at);
      return eachPoint(x, logDensityAt(nodes, noise));
    },
  };
}

interface Nodes {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly logWeight: Float64Array;
}

function nodesOf(at: CurveOptions["at"]): Nodes {
  const places = Array.from({ length: panels }, (_, panel) =>
    gauss.map(([place, weight]): Point => [(panel + place) / panels, weight / panels]),
  ).flat();
  const points = places.map(([place]) => at(place));
  return {
    x: Float64Array.from(points, ([x]) => x),
    y: Float64Array.from(points, ([, y]) => y),
    logWeight: Float64Array.from(places, ([, weight]) => Math.log(weight)),
  };
}

function logDensityAt({ x, y, logWeight }: Nodes, noise: number): (point: Point) => number {
  const terms = new Float64Array(x.length);
  const rate = 1 / (2 * noise ** 2);
  const logScale = Math.log(2 * Math.PI * noise ** 2);
  return ([px, py]) => {
    for (let k = 0; k < terms.length; k++) {
      const [dx, dy] = [px - x[k]!, py - y[k]!];
      terms[k] = logWeight[k]! - rate * (dx * dx + dy * dy);
    }
    return logSumExp(terms) - logScale;
  };
}
