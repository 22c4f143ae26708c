import { availableParallelism } from "node:os";
import {
  compile,
  constant,
  key,
  mapTree,
  type NdArray,
  ndarray,
  normal,
  spec,
  type Tensor,
} from "advect/engine";
import type { Candidate, Contender } from "../harness/measure.ts";
import { timed } from "../harness/steps.ts";
import type { SampleModel } from "./models.ts";
import { networkOf } from "./network.ts";
import type { Side } from "./side.ts";

/** Runs a sampler: x0 [1, ...], condition -> x1. */
type Sampler = Disposable & {
  readonly flops: number;
  sample(x0: NdArray, condition: NdArray): Promise<NdArray>;
};
type Velocity = (x: Tensor, t: Tensor, condition: Tensor) => Tensor;
interface Way {
  readonly velocity: Velocity;
  readonly threads?: number;
  readonly profile?: string;
}
type Built = (model: SampleModel, way: Way) => Promise<Sampler>;

const forms: Readonly<Record<string, Built>> = { "one graph": unrolled, "a graph for each step": stepwise };

/** Euler sampling from t = 0 to t = 1 at batch 1: the twin of bench/peers/sample.py. */
export async function sampling(model: SampleModel): Promise<Side> {
  const velocity = fieldOf(model);
  const started = performance.now();
  using probe = await unrolled(model, { velocity });
  const openMs = performance.now() - started;
  const counts = [...new Set([1, availableParallelism()])];
  const candidates = Object.entries(forms).flatMap(([form, build]) =>
    counts.map((threads) =>
      candidate(model, {
        label: `${form}, ${threads} threads`,
        open: () => build(model, { velocity, threads }),
      }),
    ),
  );
  const profiled = (profile: string) =>
    candidate(model, { label: "profiled", open: () => unrolled(model, { velocity, threads: 1, profile }) });
  return { flops: probe.flops, openMs, candidates, profiled };
}

/** The field with its parameters inside, as an exported model has them. */
function fieldOf(model: SampleModel): Velocity {
  const network = networkOf(model);
  const params = mapTree(network.init(key("params")), (array: NdArray) => constant(array));
  return (x, t, vector) => network.apply(params as never, x, t, { vector });
}

function candidate(model: SampleModel, way: { label: string; open: () => Promise<Sampler> }): Candidate {
  const x0 = normal(key("x0"), [1, ...model.x]);
  const condition = normal(key("condition"), [1, model.condition]);
  const open = async (): Promise<Contender> => {
    const sampler = await way.open();
    const step = () => sampler.sample(x0, condition);
    await timed(step, 3);
    return {
      settings: way.label,
      round: (steps) => timed(step, steps),
      close: async () => sampler[Symbol.dispose](),
    };
  };
  return { settings: way.label, open };
}

async function unrolled(model: SampleModel, { velocity, ...options }: Way): Promise<Sampler> {
  const { steps } = model;
  const full = (t: number) => constant(ndarray(Float32Array.of(t), [1]));
  const all = (x0: Tensor, condition: Tensor) => {
    let x = x0;
    for (let i = 0; i < steps; i++) x = x.add(velocity(x, full(i / steps), condition).mul(1 / steps));
    return x;
  };
  const run = await compile(all, [spec([1, ...model.x]), spec([1, model.condition])], options);
  return disposing(run, (x0, condition) => run(x0, condition));
}

async function stepwise(model: SampleModel, { velocity, ...options }: Way): Promise<Sampler> {
  const { steps } = model;
  const one = (x: Tensor, t: Tensor, condition: Tensor) => x.add(velocity(x, t, condition).mul(1 / steps));
  const signature = [spec([1, ...model.x]), spec([1]), spec([1, model.condition])] as const;
  const run = await compile(one, signature, options);
  const times = Array.from({ length: steps }, (_, i) => ndarray(Float32Array.of(i / steps), [1]));
  return disposing(run, async (x0, condition) => {
    let x = x0;
    for (const t of times) x = await run(x, t, condition);
    return x;
  });
}

function disposing(run: Disposable & { readonly flops: number }, sample: Sampler["sample"]): Sampler {
  return { sample, flops: run.flops, [Symbol.dispose]: () => run[Symbol.dispose]() };
}
