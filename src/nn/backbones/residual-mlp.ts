import { concat, reshape } from "../../engine/tensor/index.ts";
import type { Activation } from "../activation.ts";
import { checkCounts, checkTime } from "../check.ts";
import { indexed, initEach, type ParamsOf } from "../compose.ts";
import { linear } from "../layers/linear.ts";
import { layerNorm } from "../layers/norm.ts";
import type { Model } from "../model.ts";
import { type Condition, conditionsOf } from "./condition.ts";
import { flatten } from "./flatten.ts";
import { type Conditioning, residualBlock } from "./residual-block.ts";
import { timeEncoder } from "./time.ts";

export interface ResidualMlpOptions {
  /** Elements of one x, whatever its shape. */
  readonly size: number;
  /** Width of the residual stream; 256 unless given. */
  readonly hidden?: number;
  /** Number of blocks; 4 unless given. */
  readonly depth?: number;
  /** Width inside a block, as a multiple of hidden; 2 unless given. */
  readonly expansion?: number;
  /** How time and condition enter each block; "add" unless given. */
  readonly conditioning?: Conditioning;
  /** Of the condition vector; 0, for none, unless given. */
  readonly conditionSize?: number;
  /** "silu" unless given */
  readonly activation?: Activation;
  /** Sines and cosines of the time; 64 unless given. */
  readonly timeSize?: number;
  /** Width of the time embedding; hidden unless given. */
  readonly timeOutputs?: number;
  /** See timeEncoder; 1000 unless given. */
  readonly timeScale?: number;
  /** Rate inside the blocks; 0 unless given. */
  readonly dropout?: number;
}

export type ResidualMlpParams = ParamsOf<ReturnType<typeof parts>>;

/** Pre-norm residual blocks on Linear([x, condition]), each told e = [time embedding, condition]: see residualBlock. */
export function residualMlp(options: ResidualMlpOptions): Model<ResidualMlpParams, Condition> {
  const { size, conditionSize = 0 } = options;
  const layers = parts(options);
  return {
    name: "residualMlp",
    init: (key) => initEach(key, layers),
    apply(params, x, t, condition, draw) {
      checkTime("residualMlp", t, x);
      const { vector } = conditionsOf("residualMlp", condition, { conditionSize, x });
      const told = vector ? [vector] : [];
      const e = concat([layers.time.apply(params.time, t), ...told], -1);
      let h = layers.input.apply(params.input, concat([flatten("residualMlp", x, size), ...told], -1));
      for (const [i, block] of Object.entries(layers.blocks)) {
        h = block.apply(params.blocks[i]!, h, e, draw?.fold(`blocks.${i}`));
      }
      return reshape(layers.output.apply(params.output, layers.norm.apply(params.norm, h)), x.shape);
    },
  };
}

function parts(options: ResidualMlpOptions) {
  const { size, hidden = 256, depth = 4, expansion = 2, conditionSize = 0, activation = "silu" } = options;
  const {
    timeSize = 64,
    timeOutputs = hidden,
    timeScale = 1000,
    conditioning = "add",
    dropout = 0,
  } = options;
  checkCounts("residualMlp", { size, hidden, depth, width: hidden * expansion, timeOutputs });
  const block = {
    hidden,
    inner: hidden * expansion,
    told: timeOutputs + conditionSize,
    activation,
    conditioning,
    dropout,
  };
  return {
    time: timeEncoder({
      size: timeSize,
      hidden: timeOutputs,
      outputs: timeOutputs,
      activation,
      scale: timeScale,
    }),
    input: linear({ inputs: size + conditionSize, outputs: hidden }),
    blocks: indexed(Array.from({ length: depth }, () => residualBlock(block))),
    norm: layerNorm({ size: hidden }),
    output: linear({ inputs: hidden, outputs: size }),
  };
}
