import { add, type Draw, expandDims, mul, split, type Tensor } from "../../engine/tensor/index.ts";
import { geluTanh } from "../activation.ts";
import { initEach, type ParamsOf } from "../compose.ts";
import { multiHeadAttention } from "../layers/attention.ts";
import { dropout } from "../layers/dropout.ts";
import { linear } from "../layers/linear.ts";
import { layerNorm } from "../layers/norm.ts";
import type { Layer } from "../model.ts";

export interface DitBlockOptions {
  readonly hidden: number;
  readonly heads: number;
  readonly inner: number;
  readonly dropout: number;
}

export type DitBlockParams = ParamsOf<ReturnType<typeof parts>>;

/**
 * h + gate attention(N(h) (1 + scale) + shift), then the same with an MLP; the six come from one linear layer of
 * `told`, which begins at zero, so that the block begins as the identity [peebles2023]. h: [batch, tokens, hidden].
 */
export function ditBlock(options: DitBlockOptions): Layer<DitBlockParams, [told: Tensor, draw?: Draw]> {
  const layers = parts(options);
  const rate = options.dropout;
  return {
    init: (key) => initEach(key, layers),
    apply(params, x, told, draw) {
      const modulation = layers.adaLN_modulation["1"].apply(params.adaLN_modulation["1"], told);
      const [shiftA, scaleA, gateA, shiftB, scaleB, gateB] = split(modulation, 6, -1) as Six;
      const seen = layers.norm1.apply(params.norm1, x, { scale: scaleA, shift: shiftA });
      const attended = layers.attn.apply(params.attn, seen);
      const h = gated(x, gateA, dropout(attended, { rate, draw, name: "attn" }));
      const inner = layers.mlp.fc1.apply(
        params.mlp.fc1,
        layers.norm2.apply(params.norm2, h, { scale: scaleB, shift: shiftB }),
      );
      const outer = layers.mlp.fc2.apply(params.mlp.fc2, geluTanh(inner));
      return gated(h, gateB, dropout(outer, { rate, draw, name: "mlp" }));
    },
  };
}

type Six = [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];

const gated = (h: Tensor, gate: Tensor, y: Tensor) => add(h, mul(expandDims(gate, 1), y));

function parts({ hidden, heads, inner }: DitBlockOptions) {
  const norm = { size: hidden, affine: false, epsilon: 1e-6 };
  return {
    norm1: layerNorm(norm),
    attn: multiHeadAttention({ size: hidden, heads }),
    norm2: layerNorm(norm),
    mlp: {
      fc1: linear({ inputs: hidden, outputs: inner }),
      fc2: linear({ inputs: inner, outputs: hidden }),
    },
    adaLN_modulation: { "1": linear({ inputs: hidden, outputs: 6 * hidden, start: "zeros" }) },
  };
}
