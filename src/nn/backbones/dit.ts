import { normal } from "../../engine/random/index.ts";
import { add, silu, split, type Tensor, type TensorDType } from "../../engine/tensor/index.ts";
import { checkCounts, checkItems, checkTime } from "../check.ts";
import { indexed, initEach, type ParamsOf } from "../compose.ts";
import { linear } from "../layers/linear.ts";
import { layerNorm } from "../layers/norm.ts";
import type { Layer, Model } from "../model.ts";
import { type Condition, type ConditionSizes, conditionsOf } from "./condition.ts";
import { conditionEncoder } from "./condition-encoder.ts";
import { ditBlock } from "./dit-block.ts";
import { type Tokens, tokensOf } from "./tokens.ts";

export interface DitOptions extends ConditionSizes {
  /** Of one x: a sequence [length, size], or an image [channels, height, width]. */
  readonly shape: readonly number[];
  /** Steps, or pixels in each direction, that form a token; 1 unless given. */
  readonly patch?: number;
  /** Width of a token; 256 unless given. */
  readonly hidden?: number;
  /** Number of blocks; 4 unless given. */
  readonly depth?: number;
  /** 4 unless given */
  readonly heads?: number;
  /** Width inside the blocks' MLP, as a multiple of hidden; 4 unless given. */
  readonly expansion?: number;
  /** "learned" unless given */
  readonly positions?: "learned" | "sinusoidal";
  /** Sines and cosines of the time; hidden unless given. */
  readonly timeSize?: number;
  /** See timeEncoder; 1000 unless given. */
  readonly timeScale?: number;
  /** Rate after attention and MLP; 0 unless given. */
  readonly dropout?: number;
}

export type DitParams = ParamsOf<ReturnType<typeof parts>>;

/**
 * The diffusion transformer with adaLN-Zero [peebles2023, 3.2]: tokens of x, blocks modulated by time and condition, and a
 * last linear layer that begins at zero. Throws "option" unless the patch divides the shape.
 */
export function dit(options: DitOptions): Model<DitParams, Condition> {
  const { shape, conditionSize = 0, classes = 0 } = options;
  const tokens = tokensOf(shape, options.patch ?? 1);
  const layers = parts(options, tokens);
  return {
    name: "dit",
    init: (key) => initEach(key, layers),
    apply(params, x, t, condition, draw) {
      checkItems("dit", x, shape);
      checkTime("dit", t, x);
      const conditions = conditionsOf("dit", condition, { conditionSize, classes, x });
      const told = silu(layers.condition.apply(params.condition, t, conditions));
      const embedded = layers.x_embedder.apply(params.x_embedder, tokens.cut(x));
      let h = layers.positions.apply(params.positions, embedded);
      for (const [i, block] of Object.entries(layers.blocks)) {
        h = block.apply(params.blocks[i]!, h, told, draw?.fold(`blocks.${i}`));
      }
      return tokens.join(layers.final_layer.apply(params.final_layer, h, told));
    },
  };
}

function parts(options: DitOptions, tokens: Tokens) {
  const { hidden = 256, depth = 4, heads = 4, expansion = 4, positions = "learned", dropout = 0 } = options;
  const { timeSize = hidden, timeScale = 1000, conditionSize = 0, classes = 0 } = options;
  checkCounts("dit", { hidden, depth, heads, inner: hidden * expansion });
  const block = { hidden, heads, inner: hidden * expansion, dropout };
  const sines = (dtype: TensorDType) => tokens.positions(hidden, dtype);
  return {
    x_embedder: linear({ inputs: tokens.size, outputs: hidden }),
    positions: positions === "learned" ? learned([tokens.count, hidden]) : fixed(sines),
    condition: conditionEncoder({ outputs: hidden, timeSize, timeScale, conditionSize, classes }),
    blocks: indexed(Array.from({ length: depth }, () => ditBlock(block))),
    final_layer: finalLayer(hidden, tokens.size),
  };
}

type Positions = Layer<{ readonly weight?: Tensor }>;

/** x + weight, weight [tokens, hidden] from N(0, 0.02^2). */
function learned(shape: readonly [number, number]): Positions {
  return {
    init: (key) => ({ weight: normal(key.fold("weight"), shape, { std: 0.02 }) }),
    apply: (params, x) => add(x, params.weight!),
  };
}

function fixed(table: (dtype: TensorDType) => Tensor): Positions {
  return { init: () => ({}), apply: (_, x) => add(x, table(x.dtype)) };
}

/** Linear(LayerNorm(h) (1 + scale) + shift), both linear layers beginning at zero. */
function finalLayer(hidden: number, outputs: number) {
  const layers = {
    norm_final: layerNorm({ size: hidden, affine: false, epsilon: 1e-6 }),
    linear: linear({ inputs: hidden, outputs, start: "zeros" }),
    adaLN_modulation: { "1": linear({ inputs: hidden, outputs: 2 * hidden, start: "zeros" }) },
  };
  type Own = ParamsOf<typeof layers>;
  const layer: Layer<Own, [told: Tensor]> = {
    init: (key) => initEach(key, layers),
    apply(params, h, told) {
      const modulation = layers.adaLN_modulation["1"].apply(params.adaLN_modulation["1"], told);
      const [shift, scale] = split(modulation, 2, -1) as [Tensor, Tensor];
      return layers.linear.apply(
        params.linear,
        layers.norm_final.apply(params.norm_final, h, { scale, shift }),
      );
    },
  };
  return layer;
}
