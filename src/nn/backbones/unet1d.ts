import { AdvectError } from "../../engine/error.ts";
import { concat, type Tensor } from "../../engine/tensor/index.ts";
import { checkCounts, checkItems, checkTime } from "../check.ts";
import { indexed, initEach, type ParamsOf, within } from "../compose.ts";
import { conv1d, convTranspose1d } from "../layers/conv.ts";
import type { AffineParams } from "../layers/linear.ts";
import type { Layer, Model } from "../model.ts";
import { type Condition, conditionsOf } from "./condition.ts";
import { timeEncoder } from "./time.ts";
import { conv1dBlock, type FilmKind, type ResidualBlock1dOptions, residualBlock1d } from "./unet1d-block.ts";

export interface Unet1dOptions {
  /** Of each step of the sequence. */
  readonly size: number;
  /** Channels by level, each level but the first half as long as the one before; [64, 128, 256] unless given. */
  readonly widths?: readonly number[];
  /** Odd; 5 unless given. */
  readonly kernel?: number;
  /** Of the group norms; 8 unless given. */
  readonly groups?: number;
  /** Residual blocks; 2 unless given. */
  readonly blocksPerLevel?: 1 | 2;
  /** Of the condition vector; 0, for none, unless given. */
  readonly conditionSize?: number;
  /** What the condition does to the channels after the first convolution of a block; "scale-and-bias" unless given. */
  readonly film?: FilmKind;
  /** Width of the time embedding, even; 128 unless given. */
  readonly timeSize?: number;
  /** See timeEncoder; 1000 unless given. */
  readonly timeScale?: number;
}

export type Unet1dParams = ParamsOf<ReturnType<typeof parts>>;

/**
 * The conditional 1-D U-Net of diffusion policy [chi2023] over x [batch, length, size]; parameters are named as in its
 * ConditionalUnet1D. Throws "shape" unless 2^(levels - 1) divides the length.
 */
export function unet1d(options: Unet1dOptions): Model<Unet1dParams, Condition> {
  const { size, conditionSize = 0 } = options;
  const layers = parts(options);
  return {
    name: "unet1d",
    init: (key) => initEach(key, layers),
    apply(params, x, t, condition) {
      checkItems("unet1d", x, [x.shape[1]!, size]);
      checkTime("unet1d", t, x);
      checkSteps(x, Object.keys(layers.down_modules).length);
      const { vector } = conditionsOf("unet1d", condition, { conditionSize, x });
      const time = layers.diffusion_step_encoder.apply(params.diffusion_step_encoder, t);
      const told = vector ? concat([time, vector], -1) : time;
      const { h, skips } = descend({ layers, params, told }, x);
      const y = ascend({ layers, params, told }, { h, skips });
      const last = layers.final_conv["0"].apply(params.final_conv["0"], y);
      return layers.final_conv["1"].apply(params.final_conv["1"], last);
    },
  };
}

interface Level {
  readonly "0": ReturnType<typeof residualBlock1d>;
  readonly "1"?: ReturnType<typeof residualBlock1d>;
  /** Halves or doubles the length. */
  readonly "2"?: Layer<{ readonly conv: AffineParams }>;
}

function parts(options: Unet1dOptions) {
  const { size, widths = [64, 128, 256], kernel = 5, groups = 8, conditionSize = 0 } = options;
  const { blocksPerLevel = 2, film = "scale-and-bias", timeSize = 128, timeScale = 1000 } = options;
  checkCounts("unet1d", { size, kernel, blocksPerLevel, levels: widths.length });
  checkKernel(kernel);
  const plan = {
    size,
    widths,
    blocksPerLevel,
    block: { kernel, groups, film, told: timeSize + conditionSize },
  };
  const [first, deepest] = [widths[0]!, widths.at(-1)!];
  const middle = [0, 1].map(() => residualBlock1d({ ...plan.block, inputs: deepest, outputs: deepest }));
  return {
    diffusion_step_encoder: timeEncoder({
      size: timeSize,
      hidden: 4 * timeSize,
      outputs: timeSize,
      activation: "mish",
      scale: timeScale,
      names: ["1", "3"],
    }),
    down_modules: indexed(downLevels(plan)),
    mid_modules: indexed(middle),
    up_modules: indexed(upLevels(plan)),
    final_conv: {
      "0": conv1dBlock({ inputs: first, outputs: first, kernel, groups }),
      "1": conv1d({ inputs: first, outputs: size, kernel: 1, layout: "channels-last" }),
    },
  };
}

interface Plan {
  readonly size: number;
  readonly widths: readonly number[];
  readonly blocksPerLevel: 1 | 2;
  readonly block: Omit<ResidualBlock1dOptions, "inputs" | "outputs">;
}

function downLevels({ size, widths, blocksPerLevel, block }: Plan): Level[] {
  return widths.map((outputs, i) => ({
    ...blocksOf(blocksPerLevel, { ...block, inputs: widths[i - 1] ?? size, outputs }),
    ...(i < widths.length - 1 && { "2": halve(outputs) }),
  }));
}

/** From the deepest level; each takes what comes from below together with what `down` had there. */
function upLevels({ widths, blocksPerLevel, block }: Plan): Level[] {
  const levels = widths.slice(1).map((width, i) => ({
    ...blocksOf(blocksPerLevel, { ...block, inputs: 2 * width, outputs: widths[i]! }),
    "2": double(widths[i]!),
  }));
  return levels.reverse();
}

function blocksOf(count: 1 | 2, options: ResidualBlock1dOptions): Pick<Level, "0" | "1"> {
  const first = residualBlock1d(options);
  if (count === 1) return { "0": first };
  return { "0": first, "1": residualBlock1d({ ...options, inputs: options.outputs }) };
}

const halve = (width: number) =>
  within(
    "conv",
    conv1d({ inputs: width, outputs: width, kernel: 3, stride: 2, padding: 1, layout: "channels-last" }),
  );

const double = (width: number) =>
  within(
    "conv",
    convTranspose1d({
      inputs: width,
      outputs: width,
      kernel: 4,
      stride: 2,
      padding: 1,
      layout: "channels-last",
    }),
  );

interface Network {
  readonly layers: ReturnType<typeof parts>;
  readonly params: Unet1dParams;
  readonly told: Tensor;
}

function descend({ layers, params, told }: Network, x: Tensor): { h: Tensor; skips: Tensor[] } {
  const skips: Tensor[] = [];
  let h = x;
  for (const [i, level] of Object.entries(layers.down_modules)) {
    const own = params.down_modules[i]!;
    h = throughBlocks(level, own, { h, told });
    skips.push(h);
    if (level["2"]) h = level["2"].apply(own["2"]!, h);
  }
  return { h, skips };
}

function ascend({ layers, params, told }: Network, from: { h: Tensor; skips: readonly Tensor[] }): Tensor {
  let { h } = from;
  for (const [i, block] of Object.entries(layers.mid_modules))
    h = block.apply(params.mid_modules[i]!, h, told);
  for (const [i, level] of Object.entries(layers.up_modules)) {
    const own = params.up_modules[i]!;
    const joined = concat([h, from.skips.at(-1 - Number(i))!], -1);
    h = level["2"]!.apply(own["2"]!, throughBlocks(level, own, { h: joined, told }));
  }
  return h;
}

function throughBlocks(
  level: Level,
  params: ParamsOf<Level>,
  { h, told }: { h: Tensor; told: Tensor },
): Tensor {
  const first = level["0"].apply(params["0"], h, told);
  return level["1"] ? level["1"].apply(params["1"]!, first, told) : first;
}

function checkKernel(kernel: number): void {
  if (kernel % 2 === 1) return;
  throw new AdvectError("option", "unet1d", {
    expected: "an odd kernel, which keeps the length",
    got: kernel,
  });
}

function checkSteps(x: Tensor, levels: number): void {
  const factor = 2 ** (levels - 1);
  if (x.shape[1]! % factor === 0) return;
  throw new AdvectError("shape", "unet1d", {
    expected: `a length that ${factor} divides, for ${levels} levels`,
    got: x.shape[1],
    fix: "Pad the sequence, or give fewer widths.",
  });
}
