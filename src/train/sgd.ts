import { AdvectError } from "../engine/error.ts";
import { belowOne, check, checkLengths, nonNegative } from "./check.ts";
import { type Optimizer, stretches, type Update, zeroState } from "./optimizer.ts";

export interface SgdOptions {
  /** Share of the last direction that is kept, in [0, 1); default 0. */
  readonly momentum?: number;
  /** Share of the gradient left out of the momentum, in [0, 1); default 0. */
  readonly dampening?: number;
  /** Steps along the momentum as it will be after the step; default false. */
  readonly nesterov?: boolean;
  /** Coefficient of the penalty weightDecay / 2 |p|^2; default 0. */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent [sutskever2013], in torch's form:
 *   g = gradient + weightDecay p;  b = momentum b + (1 - dampening) g, at first b = g;
 *   p -= learningRate d, where d = g + momentum b with `nesterov`, else b.
 * Throws "option".
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { momentum = 0, dampening = 0, nesterov = false, weightDecay = 0 } = options;
  check("sgd", belowOne, { momentum, dampening });
  check("sgd", nonNegative, { weightDecay });
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    throw new AdvectError("option", "sgd", {
      expected: "momentum > 0 and dampening 0 with nesterov",
      got: { momentum, dampening },
      fix: "Set momentum, for example to 0.9, or leave nesterov out.",
    });
  }
  const moments = momentum > 0 ? ["momentum"] : [];
  return {
    name: "sgd",
    reference: "sutskever2013",
    moments,
    init: (params) => zeroState(moments, params),
    step: (update) => descend(update, { momentum, dampening, nesterov, weightDecay }),
  };
}

function descend(update: Update, options: Required<SgdOptions>): void {
  const { params, gradient, state, learningRate } = update;
  const { momentum, nesterov } = options;
  const b = state.moments.momentum;
  checkLengths("sgd.step", params.length, { gradient, ...state.moments });
  const keep = state.count === 0 ? 1 : 1 - options.dampening;
  for (const { start, end, weightDecay } of stretches(params.length, options.weightDecay, update.decayed)) {
    for (let i = start; i < end; i++) {
      const g = gradient[i]! + weightDecay * params[i]!;
      const direction = b ? (b[i] = momentum * b[i]! + keep * g) : g;
      params[i] = params[i]! - learningRate * (nesterov ? g + momentum * direction : direction);
    }
  }
  state.count++;
}
