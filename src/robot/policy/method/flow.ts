import { type RunOptions, spec } from "../../../engine/runtime/index.ts";
import { cast, type Draw, type Tensor } from "../../../engine/tensor/index.ts";
import {
  affine,
  integrate,
  predictionOf,
  probabilityFlow,
  type Sampler,
  sampler,
  type VelocityField,
} from "../../../flow/index.ts";
import type { Params, Values } from "../../../nn/index.ts";
import type { ChunkModel } from "../backbone.ts";
import { gridOf, type MethodOf, schedulerOf, solverOf, timeOf } from "../words.ts";
import { chunkError } from "./error.ts";
import type { ChunkMethod, ChunkSampler, ChunkSizes } from "./method.ts";
import { compiledVelocity } from "./velocity.ts";

/**
 * Flow matching: the mean |network(xt, t, o) - velocity|^2 over the steps of chunks that count, xt between noise and a
 * chunk [lipman2023; tong2024]; a chunk is the solution of dx/dt = v(x, t, o) from noise at 0 to 1.
 */
export function flowMethod(words: MethodOf<"flow">, model: ChunkModel, sizes: ChunkSizes): ChunkMethod {
  const { prediction = "velocity" } = words;
  const scheduler = schedulerOf(words.path);
  const path = affine(scheduler);
  const time = timeOf(words.time);
  const inside = prediction === "velocity" ? 0 : margin;
  const times = gridOf(words).map((t) => inside + (1 - 2 * inside) * t);
  const solver = solverOf(words.solver);
  const velocity = (params: Params, condition: Tensor): VelocityField => {
    const network: VelocityField = (x, t) => model.apply(params, x, t, condition);
    return prediction === "velocity" ? network : probabilityFlow(network, { scheduler, prediction });
  };
  return {
    name: "flow",
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
    open: (params, options) => {
      const compiled = sampler<Params, Tensor>({
        ...problem({ params, velocity, sizes }),
        ...options,
        times,
        solver,
      });
      return walking({ compiled, times, velocity, params, sizes, options });
    },
    graph: (params, { noise, condition }) =>
      integrate(velocity(params, condition), noise!, { times, solver }).x,
  };
}

/** Predictions of ends are divided by alpha or sigma, so they are asked for away from both ends. */
const margin = 1e-3;

type Velocity = (params: Params, condition: Tensor) => VelocityField;

interface Opening {
  readonly params: Values<Params>;
  readonly velocity: Velocity;
  readonly sizes: ChunkSizes;
}

function problem({ params, velocity, sizes }: Opening) {
  return {
    field: velocity,
    params: params as never,
    event: sizes.event,
    condition: (batch: number) => spec([batch, sizes.conditionSize]) as never,
  };
}

interface Walking extends Opening {
  readonly compiled: Sampler<Tensor>;
  readonly times: readonly number[];
  readonly options: RunOptions;
}

function walking({ compiled, times, options, ...opening }: Walking): ChunkSampler {
  const field = compiledVelocity(opening, options);
  return {
    nfe: compiled.nfe,
    sample: ({ noise, condition }) => compiled(noise!, condition as never),
    walk: {
      times,
      step: ({ x, from, to, condition }) => compiled.step({ x, t: from, dt: to - from }, condition as never),
      velocity: field.at,
    },
    [Symbol.dispose]() {
      compiled[Symbol.dispose]();
      field[Symbol.dispose]();
    },
  };
}
