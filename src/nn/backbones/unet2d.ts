import { AdvectError } from "../../engine/error.ts";
import { concat, type Draw, moveAxis, silu, type Tensor } from "../../engine/tensor/index.ts";
import { checkItems, checkTime } from "../check.ts";
import { initEach, type ParamsOf } from "../compose.ts";
import type { Model } from "../model.ts";
import { type Condition, conditionsOf } from "./condition.ts";
import { type Level, type Unet2dOptions, unet2dParts } from "./unet2d-parts.ts";

export type Unet2dParams = ParamsOf<ReturnType<typeof unet2dParts>>;

/**
 * The convolutional U-Net of diffusion models [ho2020; dhariwal2021] over images [batch, channels, height, width], told the
 * time, a condition vector and class labels through the scale and shift of its norms. Works channels last inside.
 * Throws "option" unless every level can be halved exactly.
 */
export function unet2d(options: Unet2dOptions): Model<Unet2dParams, Condition> {
  const { shape, conditionSize = 0, classes = 0 } = options;
  checkHalving(shape, options.widths?.length ?? 3);
  const layers = unet2dParts(options);
  return {
    name: "unet2d",
    init: (key) => initEach(key, layers),
    apply(params, x, t, condition, draw) {
      checkItems("unet2d", x, shape);
      checkTime("unet2d", t, x);
      const conditions = conditionsOf("unet2d", condition, { conditionSize, classes, x });
      const told = silu(layers.condition.apply(params.condition, t, conditions));
      const network = { layers, params, told, draw };
      const first = layers.conv_in.apply(params.conv_in, moveAxis(x, 1, -1));
      const { h, skips } = descend(network, first);
      const y = ascend(network, { h: middle(network, h), skips });
      const last = layers.conv_out.apply(params.conv_out, silu(layers.norm_out.apply(params.norm_out, y)));
      return moveAxis(last, -1, 1);
    },
  };
}

interface Network {
  readonly layers: ReturnType<typeof unet2dParts>;
  readonly params: Unet2dParams;
  readonly told: Tensor;
  readonly draw: Draw | undefined;
}

function descend(network: Network, x: Tensor): { h: Tensor; skips: Tensor[] } {
  const skips: Tensor[] = [];
  let h = x;
  for (const [i, level] of Object.entries(network.layers.down)) {
    const params = network.params.down[i]!;
    h = throughBlocks(h, { level, params, told: network.told, draw: network.draw?.fold(`down.${i}`) });
    skips.push(h);
    if (level.downsample) h = level.downsample.apply(params.downsample!, h);
  }
  return { h, skips };
}

function middle({ layers, params, told, draw }: Network, x: Tensor): Tensor {
  const h = layers.mid.block_1.apply(params.mid.block_1, x, told, draw?.fold("mid.block_1"));
  const seen = layers.mid.attn_1 ? layers.mid.attn_1.apply(params.mid.attn_1!, h) : h;
  return layers.mid.block_2.apply(params.mid.block_2, seen, told, draw?.fold("mid.block_2"));
}

/** From the deepest level to the first, which is number 0 here as well. */
function ascend(network: Network, from: { h: Tensor; skips: readonly Tensor[] }): Tensor {
  let { h } = from;
  for (const [i, level] of Object.entries(network.layers.up).reverse()) {
    const params = network.params.up[i]!;
    const joined = concat([h, from.skips[Number(i)]!], -1);
    h = throughBlocks(joined, { level, params, told: network.told, draw: network.draw?.fold(`up.${i}`) });
    if (level.upsample) h = level.upsample.apply(params.upsample!, h);
  }
  return h;
}

interface Through {
  readonly level: Level;
  readonly params: ParamsOf<Level>;
  readonly told: Tensor;
  readonly draw: Draw | undefined;
}

function throughBlocks(x: Tensor, { level, params, told, draw }: Through): Tensor {
  let h = x;
  for (const [i, block] of Object.entries(level.block)) {
    h = block.apply(params.block[i]!, h, told, draw?.fold(`block.${i}`));
    const attention = level.attn?.[i];
    if (attention) h = attention.apply(params.attn![i]!, h);
  }
  return h;
}

function checkHalving([, height, width]: readonly number[], levels: number): void {
  const factor = 2 ** (levels - 1);
  if (height! % factor === 0 && width! % factor === 0) return;
  throw new AdvectError("option", "unet2d", {
    expected: `a height and width that ${factor} divides, for ${levels} levels`,
    got: [height, width],
    fix: "Pad the images, or give fewer widths.",
  });
}
