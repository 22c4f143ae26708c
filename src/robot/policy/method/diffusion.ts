import { type NdArray, ndarray } from "../../../engine/array/index.ts";
import { type Key, normal } from "../../../engine/random/index.ts";
import { cast, type Draw, type Tensor } from "../../../engine/tensor/index.ts";
import {
  affine,
  type BetaScheduler,
  ddim,
  ddpm,
  denoise,
  levelTime,
  predictionOf,
  probabilityFlow,
  spacedTimes,
} from "../../../flow/index.ts";
import type { Params } from "../../../nn/index.ts";
import type { ChunkModel } from "../backbone.ts";
import { levelsOf, type MethodOf } from "../words.ts";
import { type CompiledSteps, compiledSteps, type DenoisingPlan } from "./denoising-steps.ts";
import { chunkError } from "./error.ts";
import type { ChunkMethod, ChunkRequest, ChunkSampler, ChunkSizes } from "./method.ts";
import { compiledVelocity } from "./velocity.ts";

/**
 * Diffusion as in diffusion policy [chi2023]: the mean |network(xt, t, o) - noise|^2 over the steps of chunks that count,
 * at the levels of a discrete diffusion; a chunk is what DDPM [ho2020] or DDIM [song2021a] leave of noise.
 */
export function diffusionMethod(
  words: MethodOf<"diffusion">,
  model: ChunkModel,
  sizes: ChunkSizes,
): ChunkMethod {
  const { prediction = "noise" } = words;
  const scheduler = levelsOf(words);
  const path = affine(scheduler);
  const time = levelTime(scheduler.steps);
  const plan = planOf(words, scheduler);
  const network = (params: Params, condition: Tensor) => (x: Tensor, t: Tensor) =>
    model.apply(params, x, t, condition);
  return {
    name: "diffusion",
    noise: sizes.event,
    init: model.init,
    loss(params, { x1, condition, valid, ...given }, draw: Draw) {
      const x0 = given.x0 ?? draw.normal("x0", x1.shape);
      const t = cast(time.sample(draw, [x1.shape[0]!]), x1.dtype);
      const { xt } = path.sample({ x0, x1, t });
      const answer = model.apply(params, xt, t, condition, draw);
      return {
        loss: chunkError({ answer, wanted: predictionOf(scheduler, { x0, x1, t, to: prediction }), valid }),
      };
    },
    open(params, options) {
      const steps = compiledSteps({ params, network, sizes, plan }, options);
      const velocity = (p: Params, condition: Tensor) =>
        probabilityFlow(network(p, condition), { scheduler, prediction });
      const field = compiledVelocity({ params, velocity, sizes }, options);
      return denoising({ steps, field, plan });
    },
    graph: (params, { noise, condition, draw }) =>
      denoise(network(params, condition), noise!, { ...plan, draw }).x,
  };
}

function planOf(words: MethodOf<"diffusion">, scheduler: BetaScheduler): DenoisingPlan {
  const { prediction = "noise", sampler = "ddpm", clip } = words;
  const count = words.steps ?? (sampler === "ddpm" ? scheduler.steps : Math.min(10, scheduler.steps));
  return {
    scheduler,
    prediction,
    times: spacedTimes(scheduler, { count }),
    transition: sampler === "ddpm" ? ddpm() : ddim(),
    ...(clip !== undefined && { clip }),
  };
}

interface Opened {
  readonly steps: CompiledSteps;
  readonly field: ReturnType<typeof compiledVelocity>;
  readonly plan: DenoisingPlan;
}

function denoising({ steps, field, plan }: Opened): ChunkSampler {
  const { times } = plan;
  const count = times.length - 1;
  const fresh = (index: number, { keys, event }: { keys: readonly Key[]; event: readonly number[] }) =>
    noiseOf(keys, `noise ${index}`, event);
  return {
    nfe: count,
    async sample({ noise, condition, keys }: ChunkRequest) {
      const event = noise!.shape.slice(1);
      return steps.whole(noise!, condition, (index) => fresh(index, { keys, event }));
    },
    walk: {
      times,
      step: ({ x, from, to, index, condition, keys }) =>
        steps.step(x, condition, { from, to, fresh: () => fresh(index, { keys, event: x.shape.slice(1) }) }),
      velocity: field.at,
    },
    [Symbol.dispose]() {
      steps[Symbol.dispose]();
      field[Symbol.dispose]();
    },
  };
}

/** Standard normal rows, each from its own key. */
export function noiseOf(keys: readonly Key[], name: string, event: readonly number[]): NdArray<"float32"> {
  const parts = keys.map((key) => normal(key.fold(name), event).data);
  const size = parts[0]!.length;
  const data = new Float32Array(keys.length * size);
  parts.forEach((part, i) => data.set(part, i * size));
  return ndarray(data, [keys.length, ...event]);
}
