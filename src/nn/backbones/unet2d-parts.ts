import { AdvectError } from "../../engine/error.ts";
import { checkCounts } from "../check.ts";
import { indexed, within } from "../compose.ts";
import { conv2d, convTranspose2d } from "../layers/conv.ts";
import type { AffineParams } from "../layers/linear.ts";
import { groupNorm } from "../layers/norm.ts";
import type { Layer } from "../model.ts";
import type { ConditionSizes } from "./condition.ts";
import { conditionEncoder } from "./condition-encoder.ts";
import { attentionBlock, residualBlock2d } from "./unet2d-block.ts";

export interface Unet2dOptions extends ConditionSizes {
  /** Of one image: [channels, height, width]; height and width are multiples of 2^(levels - 1). */
  readonly shape: readonly [number, number, number];
  /** Channels by level, each level but the first half as large as the one before; [64, 128, 256] unless given. */
  readonly widths?: readonly number[];
  /** Residual blocks; 1 unless given. */
  readonly blocksPerLevel?: number;
  /** Heights at which attention follows the residual blocks; none unless given. */
  readonly attentionAt?: readonly number[];
  /** 4 unless given */
  readonly heads?: number;
  /** Of the group norms; 8 unless given. */
  readonly groups?: number;
  /** Sines and cosines of the time; widths[0] unless given. */
  readonly timeSize?: number;
  /** See timeEncoder; 1000 unless given. */
  readonly timeScale?: number;
  /** Rate inside the residual blocks; 0 unless given. */
  readonly dropout?: number;
}

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
  const { shape, widths = [64, 128, 256], conditionSize = 0, classes = 0, timeScale = 1000 } = options;
  const plan = planOf(options);
  const [channels] = shape;
  const first = widths[0]!;
  const { timeSize = first } = options;
  const thrice = { kernel: 3, padding: 1, layout } as const;
  return {
    condition: conditionEncoder({ outputs: plan.told, timeSize, timeScale, conditionSize, classes }),
    conv_in: conv2d({ inputs: channels, outputs: first, ...thrice }),
    down: indexed(widths.map((_, level) => downLevel(plan, level))),
    mid: middle(plan),
    up: indexed(widths.map((_, level) => upLevel(plan, level))),
    norm_out: groupNorm({ groups: plan.groups, channels: first, layout }),
    conv_out: conv2d({ inputs: first, outputs: channels, ...thrice, start: "zeros" }),
  };
}

interface Plan {
  readonly widths: readonly number[];
  readonly blocksPerLevel: number;
  readonly groups: number;
  readonly heads: number;
  readonly dropout: number;
  /** Width of what the blocks are told. */
  readonly told: number;
  /** Whether attention follows the blocks, by level. */
  readonly attends: readonly boolean[];
}

function planOf(options: Unet2dOptions): Plan {
  const { shape, widths = [64, 128, 256], blocksPerLevel = 1, groups = 8, heads = 4, dropout = 0 } = options;
  const { attentionAt = [] } = options;
  const [channels, height] = shape;
  checkCounts("unet2d", { channels, height, blocksPerLevel, levels: widths.length });
  const heights = widths.map((_, level) => height / 2 ** level);
  checkHeights(attentionAt, heights);
  const attends = heights.map((at) => attentionAt.includes(at));
  return { widths, blocksPerLevel, groups, heads, dropout, told: 4 * widths[0]!, attends };
}

function downLevel(plan: Plan, level: number): Level {
  const { widths } = plan;
  const width = widths[level]!;
  const blocks = blocksOf(plan, { level, inputs: widths[level - 1] ?? width });
  return level === widths.length - 1 ? blocks : { ...blocks, downsample: halve(width) };
}

/** The blocks take what comes from below together with what `down` had at this level. */
function upLevel(plan: Plan, level: number): Level {
  const width = plan.widths[level]!;
  const blocks = blocksOf(plan, { level, inputs: 2 * width });
  return level === 0 ? blocks : { ...blocks, upsample: double(width, plan.widths[level - 1]!) };
}

function blocksOf(plan: Plan, { level, inputs }: { level: number; inputs: number }): Level {
  const { groups, told, dropout } = plan;
  const outputs = plan.widths[level]!;
  const block = Array.from({ length: plan.blocksPerLevel }, (_, i) =>
    residualBlock2d({ inputs: i === 0 ? inputs : outputs, outputs, groups, told, dropout }),
  );
  if (!plan.attends[level]) return { block: indexed(block) };
  return { block: indexed(block), attn: indexed(block.map(() => attention(plan, outputs))) };
}

function middle(plan: Plan) {
  const { groups, told, dropout } = plan;
  const width = plan.widths.at(-1)!;
  const block = { inputs: width, outputs: width, groups, told, dropout };
  const attn: { readonly attn_1?: Attention } = plan.attends.at(-1) ? { attn_1: attention(plan, width) } : {};
  return { block_1: residualBlock2d(block), ...attn, block_2: residualBlock2d(block) };
}

const attention = ({ groups, heads }: Plan, channels: number) => attentionBlock({ channels, groups, heads });

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
