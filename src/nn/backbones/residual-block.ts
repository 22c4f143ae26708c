import { add, type Draw, mul, silu, split, type Tensor } from "../../engine/tensor/index.ts";
import { type Activation, activations } from "../activation.ts";
import { initEach, type ParamsOf } from "../compose.ts";
import { dropout } from "../layers/dropout.ts";
import { linear } from "../layers/linear.ts";
import { layerNorm } from "../layers/norm.ts";
import type { Layer } from "../model.ts";

/**
 * With N = LayerNorm, E = a linear layer of what the block is told, f = the activation:
 * - "add":   h + W2 f(W1 N(h) + E(e)), W2 = 0 at first
 * - "film":  h + W2 f(W1 (N(h) (1 + scale) + shift)), [scale, shift] = E(silu(e)), W2 = 0 at first [perez2018]
 * - "adaln": h + gate W2 f(W1 (N(h) (1 + scale) + shift)), [scale, shift, gate] = E(silu(e)), E = 0 at first [peebles2023]
 */
export type Conditioning = "add" | "film" | "adaln";

export interface ResidualBlockOptions {
  readonly hidden: number;
  readonly inner: number;
  /** Width of e. */
  readonly told: number;
  readonly activation: Activation;
  readonly conditioning: Conditioning;
  readonly dropout: number;
}

export type ResidualBlockParams = ParamsOf<ReturnType<typeof parts>>;

/** One block of residualMlp: h [batch, hidden], e [batch, told] -> [batch, hidden]. */
export function residualBlock(
  options: ResidualBlockOptions,
): Layer<ResidualBlockParams, [e: Tensor, draw?: Draw]> {
  const layers = parts(options);
  const activate = activations[options.activation];
  return {
    init: (key) => initEach(key, layers),
    apply(params, h, e, draw) {
      const told = options.conditioning === "add" ? e : silu(e);
      const use = branches[options.conditioning];
      return use(h, layers.told.apply(params.told, told), {
        norm: (x, film) => layers.norm.apply(params.norm, x, film),
        first: (x) => layers.linear1.apply(params.linear1, x),
        second: (x) =>
          layers.linear2.apply(params.linear2, dropout(activate(x), { rate: options.dropout, draw })),
      });
    },
  };
}

function parts({ hidden, inner, told, conditioning }: ResidualBlockOptions) {
  const outputs = { add: inner, film: 2 * hidden, adaln: 3 * hidden }[conditioning];
  const gated = conditioning === "adaln";
  return {
    norm: layerNorm({ size: hidden, affine: !gated }),
    linear1: linear({ inputs: hidden, outputs: inner }),
    linear2: linear({ inputs: inner, outputs: hidden, start: gated ? "uniform" : "zeros" }),
    told: linear({ inputs: told, outputs, start: gated ? "zeros" : "uniform" }),
  };
}

interface Steps {
  readonly norm: (h: Tensor, film?: { scale: Tensor; shift: Tensor }) => Tensor;
  readonly first: (x: Tensor) => Tensor;
  readonly second: (x: Tensor) => Tensor;
}

const branches: Readonly<Record<Conditioning, (h: Tensor, e: Tensor, steps: Steps) => Tensor>> = {
  add: (h, e, { norm, first, second }) => add(h, second(add(first(norm(h)), e))),
  film(h, e, { norm, first, second }) {
    const [scale, shift] = split(e, 2, -1) as [Tensor, Tensor];
    return add(h, second(first(norm(h, { scale, shift }))));
  },
  adaln(h, e, { norm, first, second }) {
    const [scale, shift, gate] = split(e, 3, -1) as [Tensor, Tensor, Tensor];
    return add(h, mul(gate, second(first(norm(h, { scale, shift })))));
  },
};
