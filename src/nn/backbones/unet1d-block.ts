import { add, expandDims, mish, mul, split, type Tensor } from "../../engine/tensor/index.ts";
import { initEach, type ParamsOf } from "../compose.ts";
import { conv1d } from "../layers/conv.ts";
import { linear } from "../layers/linear.ts";
import { groupNorm } from "../layers/norm.ts";
import type { Layer } from "../model.ts";

/** y -> scale y + bias, or y -> y + bias, with one number for each sample and channel. */
export type FilmKind = "scale-and-bias" | "bias";

export interface Conv1dBlockOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly groups: number;
}

export interface ResidualBlock1dOptions extends Conv1dBlockOptions {
  readonly film: FilmKind;
  /** Width of what the block is told. */
  readonly told: number;
}

/** mish(GroupNorm(conv(x))), channels last: [batch, length, inputs] -> [batch, length, outputs]. */
export function conv1dBlock({ inputs, outputs, kernel, groups }: Conv1dBlockOptions) {
  const layout = "channels-last";
  const block = {
    "0": conv1d({ inputs, outputs, kernel, padding: (kernel - 1) / 2, layout }),
    "1": groupNorm({ groups, channels: outputs, layout }),
  };
  type Own = { readonly block: ParamsOf<typeof block> };
  return {
    init: (key) => initEach(key, { block }),
    apply: (params, x) => mish(block["1"].apply(params.block["1"], block["0"].apply(params.block["0"], x))),
  } satisfies Layer<Own> as Layer<Own>;
}

export type ResidualBlock1dParams = ParamsOf<ReturnType<typeof parts>>;

/** block(film(block(x), told)) + x, x going through a 1x1 convolution where the channels change. */
export function residualBlock1d(
  options: ResidualBlock1dOptions,
): Layer<ResidualBlock1dParams, [told: Tensor]> {
  const layers = parts(options);
  return {
    init: (key) => initEach(key, layers),
    apply(params, x, told) {
      const film = layers.cond_encoder["1"].apply(params.cond_encoder["1"], mish(told));
      const inner = films[options.film](layers.blocks["0"].apply(params.blocks["0"], x), film);
      const outer = layers.blocks["1"].apply(params.blocks["1"], inner);
      return add(outer, layers.residual_conv ? layers.residual_conv.apply(params.residual_conv!, x) : x);
    },
  };
}

type Conv = ReturnType<typeof conv1d>;

function parts(options: ResidualBlock1dOptions) {
  const { inputs, outputs, kernel, groups, film, told } = options;
  const residual: { readonly residual_conv?: Conv } =
    inputs === outputs
      ? {}
      : { residual_conv: conv1d({ inputs, outputs, kernel: 1, layout: "channels-last" }) };
  return {
    blocks: {
      "0": conv1dBlock({ inputs, outputs, kernel, groups }),
      "1": conv1dBlock({ inputs: outputs, outputs, kernel, groups }),
    },
    cond_encoder: { "1": linear({ inputs: told, outputs: film === "bias" ? outputs : 2 * outputs }) },
    ...residual,
  };
}

const films: Readonly<Record<FilmKind, (y: Tensor, film: Tensor) => Tensor>> = {
  bias: (y, film) => add(y, expandDims(film, 1)),
  "scale-and-bias"(y, film) {
    const [scale, bias] = split(expandDims(film, 1), 2, -1) as [Tensor, Tensor];
    return add(mul(y, scale), bias);
  },
};
