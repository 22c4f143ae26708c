import {
  add,
  clip,
  concat,
  type Draw,
  exp,
  mean,
  mul,
  reshape,
  silu,
  split,
  sub,
  sum,
  type Tensor,
} from "../../../engine/tensor/index.ts";
import { type AffineParams, initEach, linear, type Params, type Values } from "../../../nn/index.ts";
import { type BackboneSizes, backboneOf } from "../backbone.ts";
import type { Backbone, MethodOf } from "../words.ts";
import { answerOf, oneEvaluation } from "./direct.ts";
import { chunkError } from "./error.ts";
import type { ChunkBatch, ChunkMethod, ChunkSizes } from "./method.ts";

const defaultLatent = 32;
const hidden = 256;

/**
 * A conditional variational autoencoder [kingma2014; sohn2015], as ACT has it [zhao2023]: error(decoder(o, z), chunk) +
 * klWeight KL(q(z | chunk, o) || N(0, 1)), z drawn from q; chunks are decoded from z ~ N(0, 1) in one evaluation. The
 * decoder is the backbone, told o and z; q is a network of three layers.
 */
export function vaeMethod(words: MethodOf<"vae">, backbone: Backbone, sizes: BackboneSizes): ChunkMethod {
  const { latent = defaultLatent, klWeight = 1e-3, error = "squared" } = words;
  const told: ChunkSizes = { ...sizes, conditionSize: sizes.conditionSize + latent };
  const decoder = backboneOf(backbone, told);
  const decode = answerOf(decoder, told);
  const posterior = posteriorOf(sizes, latent);
  const layers = { posterior, decoder };
  return {
    name: "vae",
    noise: [latent],
    init: (key) => initEach(key, layers as never) as Values<Params>,
    loss(params, batch, draw) {
      const { mean: mu, logVariance } = posterior.apply(params.posterior as PosteriorParams, batch);
      const z = add(mu, mul(exp(mul(logVariance, 0.5)), drawn(draw, mu)));
      const answer = decode(params.decoder as Params, concat([batch.condition, z], -1));
      const found = chunkError({ answer, wanted: batch.x1, valid: batch.valid }, error);
      const kl = divergence(mu, logVariance);
      return { loss: add(found, mul(kl, klWeight)), metrics: { error: found, kl } };
    },
    open: (params, options) =>
      oneEvaluation({
        answer: decode,
        params: params.decoder as Values<Params>,
        conditionSize: told.conditionSize,
        options,
      }),
    graph: (params, { condition, noise }) =>
      decode(params.decoder as Params, concat([condition, noise!], -1)),
  };
}

const drawn = (draw: Draw, like: Tensor) => draw.normal("z", like.shape);

/** The sum over latents, the mean over the batch, of (mu^2 + s^2 - 1 - log s^2) / 2. */
function divergence(mu: Tensor, logVariance: Tensor): Tensor {
  const each = sub(sub(add(mul(mu, mu), exp(logVariance)), logVariance), 1);
  return mul(mean(sum(each, { axes: -1 })), 0.5);
}

type PosteriorParams = Readonly<Record<"0" | "1" | "2", AffineParams>>;

function posteriorOf({ event, conditionSize }: BackboneSizes, latent: number) {
  const [horizon, dimensions] = event;
  const inputs = horizon * dimensions + conditionSize;
  const layers = {
    "0": linear({ inputs, outputs: hidden }),
    "1": linear({ inputs: hidden, outputs: hidden }),
    "2": linear({ inputs: hidden, outputs: 2 * latent }),
  };
  return {
    init: (key: Parameters<(typeof layers)["0"]["init"]>[0]) => initEach(key, layers),
    apply(params: PosteriorParams, { x1, condition }: ChunkBatch) {
      const flat = reshape(x1, [x1.shape[0]!, horizon * dimensions]);
      const first = silu(layers["0"].apply(params["0"], concat([flat, condition], -1)));
      const second = silu(layers["1"].apply(params["1"], first));
      const [mu, spread] = split(layers["2"].apply(params["2"], second), 2, -1) as [Tensor, Tensor];
      return { mean: mu, logVariance: clip(spread, { low: -10, high: 10 }) };
    },
  };
}
