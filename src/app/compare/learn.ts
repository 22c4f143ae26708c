import { type NdArray, takeRows } from "../../engine/array/index.ts";
import type { Clock } from "../../engine/clock.ts";
import { integers, type Key, normal } from "../../engine/random/index.ts";
import { batched, type GivenList, random, spec, specOf } from "../../engine/runtime/index.ts";
import type { Draw, Tensor } from "../../engine/tensor/index.ts";
import { type FlowPairs, flowPairs } from "../../flow/matching/index.ts";
import { fixed, rk4, uniformGrid } from "../../flow/solver/index.ts";
import {
  type Batches,
  cosineRate,
  fit,
  mapBatches,
  pairedBatches,
  type Trainer,
  trainer,
  type UnpairedBatch,
  warmupDecay,
  withWarmup,
} from "../../train/index.ts";
import { answers, type NetworkParams, type NetworkValues } from "./network.ts";
import type { Problem } from "./problem.ts";
import { type Ends, type TrainingName, trainings } from "./trainings.ts";

/** What came of a training. */
export interface Learned {
  readonly params: NetworkValues;
  /** With those of its teacher. */
  readonly steps: number;
  /** With those of its teacher, and of making pairs. */
  readonly seconds: number;
}

export interface Watched {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Told of every step of training. */
  readonly stepped: () => void;
}

/**
 * Trains on a problem; every training begins with the same parameters and, without a teacher, sees the same noise and
 * data in the same batches. Throws the signal's reason when that aborts, and "numerical" as `fit` does.
 */
export async function learn(
  problem: Problem,
  name: TrainingName,
  { teacher, ...watched }: Watched & { readonly teacher?: Learned | undefined },
): Promise<Learned> {
  const { clock } = watched;
  const began = clock.nowMs();
  const rows = teacher ? teachings(problem, await taught(problem, teacher)) : fresh(problem);
  using batches = pairedBatches(rows, { coupling: trainings[name].coupling });
  using run = await opened(problem, name);
  await steps(problem, { run, batches, ...watched });
  return {
    params: run.snapshot().ema,
    steps: problem.budget.steps + (teacher?.steps ?? 0),
    seconds: (clock.nowMs() - began) / 1000 + (teacher?.seconds ?? 0),
  };
}

type Args = [Ends, Draw];
type Run = Trainer<NetworkParams, Args>;

function opened({ network, budget, key, options }: Problem, name: TrainingName): Promise<Run> {
  const { batch, steps, learningRate } = budget;
  const { loss } = trainings[name];
  return trainer<NetworkParams, Args>({
    params: network.init(key.fold("network")),
    loss: (params, ends, draw) => loss(answers(network, params), ends, draw),
    signature: [{ x0: spec([batch, 2]), x1: spec([batch, 2]) }, random],
    learningRate: withWarmup(cosineRate({ from: learningRate, steps }), { steps: Math.min(100, steps) }),
    clipNorm: 10,
    ema: warmupDecay(0.999),
    ...options,
  });
}

interface Steps extends Watched {
  readonly run: Run;
  readonly batches: Batches<{ readonly x0: NdArray; readonly x1: NdArray }>;
}

async function steps(
  { budget, key }: Problem,
  { run, batches, clock, signal, stepped }: Steps,
): Promise<void> {
  const own = key.fold("training");
  const given = mapBatches(batches, ({ batch: { x0, x1 }, index }) => {
    stepped();
    return [{ x0, x1 }, own.fold("loss").fold(index)] as GivenList<Args>;
  });
  await fit<NetworkParams, Args>({
    trainer: run,
    batches: given,
    key: own,
    steps: budget.steps,
    clock,
    ...(signal && { signal }),
  });
  signal?.throwIfAborted();
}

/** New data for every batch; its noise comes from `pairedBatches`. */
function fresh({ budget: { batch }, data, units }: Problem): Batches<UnpairedBatch> {
  const at = (index: number, key: Key) => ({
    x1: units.apply(data.sample(key.fold("data").fold(index), batch)),
  });
  return { batchSize: batch, at };
}

/** Pairs drawn from those of a teacher. */
function teachings({ budget: { batch, pairs: high } }: Problem, pairs: FlowPairs): Batches<UnpairedBatch> {
  const at = (index: number, key: Key) => {
    const { data } = integers(key.fold("pairs").fold(index), [batch], { high });
    return { x0: takeRows(pairs.x0, data), x1: takeRows(pairs.x1, data) };
  };
  return { batchSize: batch, at };
}

/** Noise, and where the teacher's flow carries it. */
async function taught({ network, budget, key, options }: Problem, { params }: Learned): Promise<FlowPairs> {
  using velocity = batched(
    (values: NetworkParams, x: Tensor, t: Tensor) => answers(network, values)(x, { from: t, to: t }),
    (batch) => [specOf(params) as never, spec([batch, 2]), spec([batch])],
    { sizes: [Math.min(2048, budget.pairs)], ...options },
  );
  return await flowPairs(
    async (x, t) => velocity(params, x, t),
    normal(key.fold("pairs"), [budget.pairs, 2]),
    {
      times: uniformGrid(16),
      solver: rk4,
      control: fixed(),
    },
  );
}
