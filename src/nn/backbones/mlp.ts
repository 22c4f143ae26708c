import { concat, expandDims, reshape } from "../../engine/tensor/index.ts";
import { type Activation, activations } from "../activation.ts";
import { checkCounts, checkTime } from "../check.ts";
import { initEach } from "../compose.ts";
import { dropout } from "../layers/dropout.ts";
import { type AffineParams, linear } from "../layers/linear.ts";
import type { Model } from "../model.ts";
import { type Condition, conditionsOf } from "./condition.ts";
import { flatten } from "./flatten.ts";

export type MlpParams = { readonly net: { readonly [index: string]: AffineParams } };

export interface MlpOptions {
  /** Elements of one x, whatever its shape. */
  readonly size: number;
  /** Width of the hidden layers; 256 unless given. */
  readonly hidden?: number;
  /** Number of hidden layers; 3 unless given. */
  readonly depth?: number;
  /** "silu" unless given */
  readonly activation?: Activation;
  /** Of the condition vector; 0, for none, unless given. */
  readonly conditionSize?: number;
  /** Rate after every activation; 0 unless given. */
  readonly dropout?: number;
}

/** A multilayer perceptron on [x, t, condition], of `depth` hidden layers. Parameters: net.0, net.2, ... as in a Sequential. */
export function mlp(options: MlpOptions): Model<MlpParams, Condition> {
  const {
    size,
    hidden = 256,
    depth = 3,
    activation = "silu",
    conditionSize = 0,
    dropout: rate = 0,
  } = options;
  checkCounts("mlp", { size, hidden, depth });
  const widths = [size + 1 + conditionSize, ...new Array<number>(depth).fill(hidden), size];
  const layers = widths.slice(1).map((outputs, i) => linear({ inputs: widths[i]!, outputs }));
  const net = Object.fromEntries(layers.map((layer, i) => [`${2 * i}`, layer]));
  return {
    name: "mlp",
    init: (key) => initEach(key, { net }),
    apply(params, x, t, condition, draw) {
      checkTime("mlp", t, x);
      const { vector } = conditionsOf("mlp", condition, { conditionSize, x });
      const inputs = [flatten("mlp", x, size), expandDims(t, -1), ...(vector ? [vector] : [])];
      const y = layers.reduce(
        (h, layer, i) => {
          const next = layer.apply(params.net[`${2 * i}`]!, h);
          if (i === depth) return next;
          return dropout(activations[activation](next), { rate, draw, name: `dropout.${i}` });
        },
        concat(inputs, -1),
      );
      return reshape(y, x.shape);
    },
  };
}
