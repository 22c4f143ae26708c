import { belowOne, check, checkLengths, nonNegative } from "./check.ts";
import { type Optimizer, stretches, type Update, zeroState } from "./optimizer.ts";

export interface AdamOptions {
  /** Decay of the mean of gradients, in [0, 1); default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients, in [0, 1); default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the second moment; default 1e-8. */
  readonly epsilon?: number;
  /** Default 0 for adam and amsgrad, 0.01 for adamW. */
  readonly weightDecay?: number;
}

/** Throws "option" under the name `where`; fills in the defaults. */
export function adamOptions(where: string, options: AdamOptions): Required<AdamOptions> {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  check(where, belowOne, { beta1, beta2 });
  check(where, nonNegative, { epsilon, weightDecay });
  return { beta1, beta2, epsilon, weightDecay };
}

/**
 * Adam [kingma2015, Algorithm 1], t = 1, 2, …:
 *   g = gradient + weightDecay p;  m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
 *   p -= learningRate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon).
 * Throws "option".
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return variant({ name: "adam", reference: "kingma2015", decoupled: false, options });
}

/** Adam with the largest v so far in the place of v [reddi2018]. Throws "option". */
export function amsgrad(options: AdamOptions = {}): Optimizer {
  return variant({ name: "amsgrad", reference: "reddi2018", decoupled: false, options });
}

/**
 * Adam whose weight decay is not part of the gradient [loshchilov2019, Algorithm 2]:
 *   p = (1 - learningRate weightDecay) p, then Adam's step without decay. Throws "option".
 */
export function adamW(options: AdamOptions = {}): Optimizer {
  const { weightDecay = 0.01 } = options;
  const decaying = { ...options, weightDecay };
  return variant({ name: "adamW", reference: "loshchilov2019", decoupled: true, options: decaying });
}

interface Variant {
  readonly name: string;
  readonly reference: string;
  readonly decoupled: boolean;
  readonly options: AdamOptions;
}

function variant({ name, reference, decoupled, options }: Variant): Optimizer {
  const full = adamOptions(name, options);
  const moments = name === "amsgrad" ? ["m", "v", "vMax"] : ["m", "v"];
  return {
    name,
    reference,
    moments,
    init: (params) => zeroState(moments, params),
    step(update) {
      checkLengths(`${name}.step`, update.params.length, {
        gradient: update.gradient,
        ...update.state.moments,
      });
      descend(update, { ...full, decoupled });
    },
  };
}

function descend(update: Update, options: Required<AdamOptions> & { decoupled: boolean }): void {
  const { params, gradient, state, learningRate } = update;
  const { beta1, beta2, epsilon, decoupled } = options;
  const { m, v, vMax } = state.moments as { m: Float64Array; v: Float64Array; vMax?: Float64Array };
  const t = ++state.count;
  const rate = learningRate / (1 - beta1 ** t);
  const unbias = 1 / Math.sqrt(1 - beta2 ** t);
  for (const { start, end, weightDecay } of stretches(params.length, options.weightDecay, update.decayed)) {
    const keep = decoupled ? 1 - learningRate * weightDecay : 1;
    const penalty = decoupled ? 0 : weightDecay;
    for (let i = start; i < end; i++) {
      const g = gradient[i]! + penalty * params[i]!;
      const mean = (m[i] = beta1 * m[i]! + (1 - beta1) * g);
      const square = (v[i] = beta2 * v[i]! + (1 - beta2) * g * g);
      const scale = vMax ? (vMax[i] = Math.max(vMax[i]!, square)) : square;
      params[i] = keep * params[i]! - (rate * mean) / (Math.sqrt(scale) * unbias + epsilon);
    }
  }
}
