import { AdvectError } from "../../engine/error.ts";
import { mul, type Tensor } from "../../engine/tensor/index.ts";
import { type Activation, activations } from "../activation.ts";
import { initEach, type ParamsOf } from "../compose.ts";
import { linear } from "../layers/linear.ts";
import { type SinusoidalOptions, sinusoidalEmbedding } from "../layers/sinusoidal.ts";
import type { Layer } from "../model.ts";

export interface TimeOptions {
  /** Number of sines and cosines, even. */
  readonly size: number;
  readonly hidden: number;
  readonly outputs: number;
  readonly activation: Activation;
  /** Times are multiplied by this first: the embeddings expect the 1000 steps of diffusion; 1000 unless given. */
  readonly scale?: number;
  /** sinusoidalEmbedding unless given */
  readonly embed?: (t: Tensor, options: SinusoidalOptions) => Tensor;
  /** Names of the two linear layers; "0" and "2" unless given. */
  readonly names?: readonly [string, string];
}

/** Linear(activation(Linear(sines and cosines of scale t))): t [batch] -> [batch, outputs]. */
export function timeEncoder(
  options: TimeOptions,
): Layer<{ readonly [name: string]: ParamsOf<ReturnType<typeof linear>> }> {
  const { size, hidden, outputs, scale = 1000, embed = sinusoidalEmbedding, names = ["0", "2"] } = options;
  checkEven(size);
  const activate = activations[options.activation];
  const first = linear({ inputs: size, outputs: hidden });
  const second = linear({ inputs: hidden, outputs });
  return {
    init: (key) => initEach(key, { [names[0]]: first, [names[1]]: second }),
    apply(params, t) {
      const raw = embed(mul(t, scale), { size });
      return second.apply(params[names[1]]!, activate(first.apply(params[names[0]]!, raw)));
    },
  };
}

function checkEven(size: number): void {
  if (size >= 2 && size % 2 === 0) return;
  throw new AdvectError("option", "timeEncoder", {
    expected: "an even size, half of it sines",
    got: size,
    fix: "Give an even timeSize.",
  });
}
