import type { Key } from "../../engine/random/index.ts";
import { add, mul, sigmoid, split, stack, type Tensor, tanh } from "../../engine/tensor/index.ts";
import type { Values } from "../model.ts";
import {
  type Cell,
  passesOf,
  type RecurrentOptions,
  type RecurrentParams,
  recurrence,
  recurrentValues,
  unroll,
} from "./recurrent.ts";

/** Both [layers * directions, batch, hidden]. */
export interface LstmState {
  readonly hidden: Tensor;
  readonly cell: Tensor;
}

export interface LstmResult extends LstmState {
  /** [batch, time, hidden * directions] */
  readonly output: Tensor;
}

/**
 * Long short-term memory [hochreiter1997] over x [batch, time, inputs]: i, f, o = sigmoid, g = tanh of the gates
 * x W_ihᵀ + b_ih + h W_hhᵀ + b_hh in the order i, f, g, o; c' = f c + i g; h' = o tanh(c'). Starts from zeros.
 */
export function lstm(options: RecurrentOptions): {
  init(key: Key): Values<RecurrentParams>;
  apply(params: RecurrentParams, x: Tensor, state?: LstmState): LstmResult;
} {
  const passes = passesOf("lstm", options);
  const { hidden } = options;
  return {
    init: (key) => recurrentValues(key, { passes, hidden, gates: 4 }),
    apply(params, x, state) {
      const cell = (pass: (typeof passes)[number]): Cell => {
        return (share, [h, c]) => lstmStep(add(share, recurrence(params, pass, h!)), c!);
      };
      const initial = [state?.hidden, state?.cell];
      const { output, states } = unroll(x, { where: "lstm", passes, params, hidden, initial, cell });
      return { output, hidden: stack(states.map(([h]) => h!)), cell: stack(states.map(([, c]) => c!)) };
    },
  };
}

function lstmStep(gates: Tensor, c: Tensor): [h: Tensor, c: Tensor] {
  const [i, f, g, o] = split(gates, 4, -1) as [Tensor, Tensor, Tensor, Tensor];
  const next = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)));
  return [mul(sigmoid(o), tanh(next)), next];
}
