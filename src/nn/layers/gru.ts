import type { Key } from "../../engine/random/index.ts";
import { add, mul, sigmoid, split, stack, sub, type Tensor, tanh } from "../../engine/tensor/index.ts";
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

export interface GruResult {
  /** [batch, time, hidden * directions] */
  readonly output: Tensor;
  /** [layers * directions, batch, hidden] */
  readonly hidden: Tensor;
}

/**
 * Gated recurrent unit [cho2014] over x [batch, time, inputs], gates in the order r, z, n, with PyTorch's reset gate after
 * the product: n = tanh(W_in x + b_in + r (W_hn h + b_hn)), h' = (1 - z) n + z h. Starts from zeros.
 */
export function gru(options: RecurrentOptions): {
  init(key: Key): Values<RecurrentParams>;
  apply(params: RecurrentParams, x: Tensor, hidden?: Tensor): GruResult;
} {
  const passes = passesOf("gru", options);
  const { hidden } = options;
  return {
    init: (key) => recurrentValues(key, { passes, hidden, gates: 3 }),
    apply(params, x, state) {
      const cell = (pass: (typeof passes)[number]): Cell => {
        return (share, [h]) => [gruStep({ share, own: recurrence(params, pass, h!), h: h! })];
      };
      const { output, states } = unroll(x, { where: "gru", passes, params, hidden, initial: [state], cell });
      return { output, hidden: stack(states.map(([h]) => h!)) };
    },
  };
}

function gruStep({ share, own, h }: { share: Tensor; own: Tensor; h: Tensor }): Tensor {
  const hidden = h.shape[1]!;
  const [xGates, xn] = split(share, [2 * hidden, hidden], -1) as [Tensor, Tensor];
  const [hGates, hn] = split(own, [2 * hidden, hidden], -1) as [Tensor, Tensor];
  const [r, z] = split(sigmoid(add(xGates, hGates)), 2, -1) as [Tensor, Tensor];
  const n = tanh(add(xn, mul(r, hn)));
  return add(n, mul(z, sub(h, n)));
}
