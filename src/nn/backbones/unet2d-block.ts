import { add, type Draw, reshape, silu, split, type Tensor } from "../../engine/tensor/index.ts";
import { initEach, type ParamsOf } from "../compose.ts";
import { multiHeadAttention } from "../layers/attention.ts";
import { conv2d } from "../layers/conv.ts";
import { dropout } from "../layers/dropout.ts";
import { linear } from "../layers/linear.ts";
import { groupNorm } from "../layers/norm.ts";
import type { Layer } from "../model.ts";

export interface ResidualBlock2dOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly groups: number;
  /** Width of what the block is told. */
  readonly told: number;
  readonly dropout: number;
}

export type ResidualBlock2dParams = ParamsOf<ReturnType<typeof parts>>;

/**
 * x + conv(silu(N(conv(silu(N(x)))) (1 + scale) + shift))), scale and shift from `told`, N = GroupNorm; the second
 * convolution begins at zero [dhariwal2021]. x: [batch, height, width, inputs], which is 1x1 convolved where the channels change.
 */
export function residualBlock2d(
  options: ResidualBlock2dOptions,
): Layer<ResidualBlock2dParams, [told: Tensor, draw?: Draw]> {
  const layers = parts(options);
  return {
    init: (key) => initEach(key, layers),
    apply(params, x, told, draw) {
      const film = split(layers.temb_proj.apply(params.temb_proj, told), 2, -1);
      const [scale, shift] = film as [Tensor, Tensor];
      const inner = layers.conv1.apply(params.conv1, silu(layers.norm1.apply(params.norm1, x)));
      const modulated = silu(layers.norm2.apply(params.norm2, inner, { scale, shift }));
      const outer = layers.conv2.apply(params.conv2, dropout(modulated, { rate: options.dropout, draw }));
      return add(outer, layers.nin_shortcut ? layers.nin_shortcut.apply(params.nin_shortcut!, x) : x);
    },
  };
}

const layout = "channels-last";

interface Optional {
  readonly nin_shortcut?: ReturnType<typeof conv2d>;
}

function parts({ inputs, outputs, groups, told }: ResidualBlock2dOptions) {
  const shortcut: Optional =
    inputs === outputs ? {} : { nin_shortcut: conv2d({ inputs, outputs, kernel: 1, layout }) };
  return {
    norm1: groupNorm({ groups, channels: inputs, layout }),
    conv1: conv2d({ inputs, outputs, kernel: 3, padding: 1, layout }),
    temb_proj: linear({ inputs: told, outputs: 2 * outputs }),
    norm2: groupNorm({ groups, channels: outputs, layout }),
    conv2: conv2d({ inputs: outputs, outputs, kernel: 3, padding: 1, layout, start: "zeros" }),
    ...shortcut,
  };
}

export interface AttentionBlockOptions {
  readonly channels: number;
  readonly groups: number;
  readonly heads: number;
}

/** x + attention among all places of GroupNorm(x); x: [batch, height, width, channels]. */
export function attentionBlock({ channels, groups, heads }: AttentionBlockOptions) {
  const layers = {
    norm: groupNorm({ groups, channels, layout }),
    attn: multiHeadAttention({ size: channels, heads }),
  };
  const layer: Layer<ParamsOf<typeof layers>> = {
    init: (key) => initEach(key, layers),
    apply(params, x) {
      const places = reshape(layers.norm.apply(params.norm, x), [x.shape[0]!, -1, channels]);
      return add(x, reshape(layers.attn.apply(params.attn, places), x.shape));
    },
  };
  return layer;
}
