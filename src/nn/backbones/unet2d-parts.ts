import { AdvectError } from "../../engine/error.ts";
import { checkCounts } from "../check.ts";
import { indexed, within } from "../compose.ts";
import { conv2d, convTranspose2d } from "../layers/conv.ts";
import type { AffineParams } from "../layers/linear.ts";
import { groupNorm } from "../layers/norm.ts";
import type { Layer } from "../model.ts";
import { conditionEncoder } from "./condition-encoder.ts";
import type { Unet2dOptions } from "./unet2d.ts";
import { attentionBlock, residualBlock2d } from "./unet2d-block.ts";

type Attention = ReturnType<typeof attentionBlock>;
type Resample = Layer<{ readonly conv: AffineParams }>;

/** One resolution on the way down or up. */
export interface Level {
  readonly block: { readonly [index: string]: ReturnType<typeof residualBlock2d> };
  readonly attn?: { readonly [index: string]: Attention };
  readonly downsample?: Resample;
  readonly upsample?: Resample;
}

const layout = "channels-last";

/** The layers of unet2d. Level 0 has the resolution of the image, in `down` and in `up`. */
export function unet2dParts(options: Unet2dOptions) {
  const { shape, widths = [64, 128, 256], blocksPerLevel = 1, groups = 8, heads = 4, dropout = 0 } = options;
  const { attentionAt = [], conditionSize = 0, classes = 0, timeScale = 1000 } = options;
  const [channels, height] = shape;
  const told = 4 * widths[0]!;
  const { timeSize = widths[0]! } = options;
  checkCounts("unet2d", { channels, height, blocksPerLevel, levels: widths.length });
  checkHeights(
    attentionAt,
    widths.map((_, level) => height / 2 ** level),
  );
  const block = (inputs: number, outputs: number) =>
    residualBlock2d({ inputs, outputs, groups, told, dropout });
  const attends = (level: number) => attentionAt.includes(height / 2 ** level);
  const blocks = (inputs: number, level: number): Level => {
    const width = widths[level]!;
    const list = Array.from({ length: blocksPerLevel }, (_, i) => block(i === 0 ? inputs : width, width));
    const attention = () => indexed(list.map(() => attentionBlock({ channels: width, groups, heads })));
    return { block: indexed(list), ...(attends(level) && { attn: attention() }) };
  };
  const deepest = widths.at(-1)!;
  const attn: { readonly attn_1?: Attention } = attends(widths.length - 1)
    ? { attn_1: attentionBlock({ channels: deepest, groups, heads }) }
    : {};
  return {
    condition: conditionEncoder({ outputs: told, timeSize, timeScale, conditionSize, classes }),
    conv_in: conv2d({ inputs: channels, outputs: widths[0]!, kernel: 3, padding: 1, layout }),
    down: indexed(
      widths.map(
        (width, level): Level => ({
          ...blocks(widths[level - 1] ?? width, level),
          ...(level < widths.length - 1 && { downsample: halve(width) }),
        }),
      ),
    ),
    mid: { block_1: block(deepest, deepest), ...attn, block_2: block(deepest, deepest) },
    up: indexed(
      widths.map(
        (width, level): Level => ({
          ...blocks(2 * width, level),
          ...(level > 0 && { upsample: double(width, widths[level - 1]!) }),
        }),
      ),
    ),
    norm_out: groupNorm({ groups, channels: widths[0]!, layout }),
    conv_out: conv2d({
      inputs: widths[0]!,
      outputs: channels,
      kernel: 3,
      padding: 1,
      layout,
      start: "zeros",
    }),
  };
}

function halve(width: number): Resample {
  return within("conv", conv2d({ inputs: width, outputs: width, kernel: 3, stride: 2, padding: 1, layout }));
}

/** A strided transposed convolution has half the products of a convolution after doubling. */
function double(inputs: number, outputs: number): Resample {
  return within("conv", convTranspose2d({ inputs, outputs, kernel: 4, stride: 2, padding: 1, layout }));
}

function checkHeights(attentionAt: readonly number[], heights: readonly number[]): void {
  if (attentionAt.every((height) => heights.includes(height))) return;
  throw new AdvectError("option", "unet2d", {
    expected: `attentionAt to be among the heights of the levels, [${heights}]`,
    got: attentionAt,
  });
}
