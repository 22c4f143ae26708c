import type { Shape } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import {
  add,
  clip,
  cos,
  type Draw,
  div,
  exp,
  filled,
  log,
  mul,
  pow,
  sigmoid,
  sin,
  sub,
  type Tensor,
} from "../../engine/tensor/index.ts";

/**
 * Which t to train on. Samplers map declared draws inside the graph: a compiled step then fills them from its key, so
 * times need no array of their own, resume bit for bit, and are the same on every device; `interpret` gives numbers.
 */
export interface TimeSampler {
  readonly name: string;
  /** t in [0, 1] of the given shape: [batch], or [batch, tokens] for a time per token. Its draws are called "time". */
  sample(draw: Draw, shape: Shape): Tensor;
  /** p(t) for t inside (0, 1), of the shape of t: for importance weights. Absent where it has no closed form. */
  readonly density?: (t: Tensor) => Tensor;
}

/** t = u. */
export const uniformTime: TimeSampler = {
  name: "uniform",
  sample: (draw, shape) => draw.uniform("time", shape),
  density: (t) => filled(t.shape, 1, t.dtype),
};

export interface LogNormal {
  readonly mean?: number;
  /** > 0. */
  readonly std?: number;
}

/**
 * t = sigmoid(mean + std z), z normal, default mean 0 and std 1: most work in the middle; mean > 0 leans to the data.
 * Papers with noise at t = 1 mean -mean [esser2024]. Throws "option".
 */
export function logitNormal({ mean = 0, std = 1 }: LogNormal = {}): TimeSampler {
  checkNumbers("logitNormal", { mean, std }, std > 0);
  return {
    name: `logitNormal(${mean}, ${std})`,
    sample: (draw, shape) => sigmoid(add(mul(draw.normal("time", shape), std), mean)),
    density: (t) => {
      const rest = sub(1, t);
      const z = mul(sub(sub(log(t), log(rest)), mean), 1 / std);
      return div(exp(mul(mul(z, z), -0.5)), mul(mul(t, rest), std * Math.sqrt(2 * Math.PI)));
    },
  };
}

/**
 * t = 1 / (1 + level) for a noise level sigma / alpha with log level = mean + std z, held in [1e-4, 1]; defaults -1.2
 * and 1.2 [karras2022]. Throws "option".
 */
export function edmSkewed({ mean = -1.2, std = 1.2 }: LogNormal = {}): TimeSampler {
  checkNumbers("edmSkewed", { mean, std }, std > 0);
  const { density } = logitNormal({ mean: -mean, std });
  return {
    name: `edmSkewed(${mean}, ${std})`,
    sample: (draw, shape) =>
      clip(sigmoid(sub(mul(draw.normal("time", shape), -std), mean)), { low: 1e-4, high: 1 }),
    ...(density ? { density } : {}),
  };
}

export interface BetaOptions {
  /** > 0; 1 is uniform, larger leans to the noise. Default 1.5. */
  readonly a?: number;
  /** No t is above this, in (0, 1]. Default 0.999. */
  readonly cutoff?: number;
}

/**
 * 1 - t / cutoff has the Beta(a, 1) distribution: t = cutoff (1 - u^(1 / a)). The defaults are those of pi0, which
 * emphasise noisy actions [black2024]. Throws "option".
 */
export function betaTime({ a = 1.5, cutoff = 0.999 }: BetaOptions = {}): TimeSampler {
  checkNumbers("betaTime", { a, cutoff }, a > 0 && cutoff > 0 && cutoff <= 1);
  return {
    name: `beta(${a}, 1)`,
    sample: (draw, shape) => mul(sub(1, pow(draw.uniform("time", shape), 1 / a)), cutoff),
    density: (t) => mul(pow(clip(sub(1, mul(t, 1 / cutoff)), { low: 0 }), a - 1), a / cutoff),
  };
}

/**
 * t = 1 - u - scale (cos^2(pi u / 2) - 1 + u): a peak at t = 1/2 for scale > 0, at the ends for scale < 0, uniform for
 * 0; default 1.29 [esser2024, Eq. 20]. Throws "option" unless -1 <= scale <= 2 / (pi - 2), where t falls with u.
 */
export function modeTime({ scale = 1.29 }: { readonly scale?: number } = {}): TimeSampler {
  checkNumbers("modeTime", { scale }, scale >= -1 && scale <= 2 / (Math.PI - 2));
  return {
    name: `mode(${scale})`,
    sample: (draw, shape) => {
      const u = draw.uniform("time", shape);
      const c = cos(mul(u, Math.PI / 2));
      const rest = sub(1, u);
      return clip(sub(rest, mul(sub(mul(c, c), rest), scale)), { low: 0, high: 1 });
    },
  };
}

/**
 * t = sin a / (sin a + cos a) with a = pi u / 2, so that alpha / sigma of condOT is distributed as that of cosine at
 * uniform times; p(t) = 2 / (pi (1 - 2t + 2t^2)) [esser2024].
 */
export const cosmapTime: TimeSampler = {
  name: "cosmap",
  sample: (draw, shape) => {
    const angle = mul(draw.uniform("time", shape), Math.PI / 2);
    return div(sin(angle), add(sin(angle), cos(angle)));
  },
  density: (t) => div(2 / Math.PI, add(sub(1, mul(t, 2)), mul(mul(t, t), 2))),
};

function checkNumbers(where: string, options: Readonly<Record<string, number>>, valid: boolean): void {
  if (valid && Object.values(options).every(Number.isFinite)) return;
  throw new AdvectError("option", where, {
    expected: "finite options in the ranges of the documentation",
    got: Object.entries(options).map(([name, value]) => `${name} ${value}`),
  });
}
