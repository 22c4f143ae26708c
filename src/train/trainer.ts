import type { NdArray } from "../engine/array/index.ts";
import {
  type GivenList,
  openGraph,
  type RunFacts,
  type RunOptions,
  type Signature,
} from "../engine/runtime/index.ts";
import type { Mapped } from "../engine/tensor/index.ts";
import { accumulated, accumulator } from "./accumulator.ts";
import type { AdamOptions } from "./adam.ts";
import { batchBuffers, resultBuffers } from "./buffers.ts";
import { check, count as countCondition } from "./check.ts";
import { clipCoefficient } from "./clip.ts";
import { constantDecay, type Decay } from "./ema.ts";
import { checkedRate, momentOf, outOfTurn } from "./faults.ts";
import type { LayoutOptions } from "./layout.ts";
import { trainingMemory } from "./memory.ts";
import type { Optimizer } from "./optimizer.ts";
import { type LossFunction, program } from "./program.ts";
import { asRate, type Rate } from "./rate.ts";
import { turns } from "./turns.ts";
import { updater } from "./updater.ts";

export interface TrainerRequest<P, Args extends readonly unknown[]>
  extends RunOptions,
    Pick<LayoutOptions, "decay"> {
  /** First values of the parameters; they are copied. */
  readonly params: Mapped<P, NdArray>;
  /** The loss of a batch, a scalar, or { loss, metrics }. */
  readonly loss: LossFunction<P, Args>;
  /** Of the loss function's arguments after the parameters. */
  readonly signature: Signature<Args>;
  /**
   * Parameters that each step computes instead of training them, and how: `spectralNorm(model).next`. The average, where
   * one is kept, has their newest values. Of micro-batches only the last one's count.
   */
  readonly next?: (params: P) => object;
  /** Per step, counted from 0. */
  readonly learningRate: number | Rate;
  /** Options of the fused AdamW (the default), or an optimiser such as sgd({ momentum: 0.9 }). */
  readonly optimizer?: AdamOptions | Optimizer;
  /** Largest global norm of the gradient; longer ones are scaled down. Default: no limit. */
  readonly clipNorm?: number;
  /** Decay of the exponential moving average of the parameters, per update. Default: no average. */
  readonly ema?: number | Decay;
  /** Batches that each update takes the mean gradient of: all but the last are given to `accumulate`. Default 1. */
  readonly microBatches?: number;
}

export interface StepReport {
  /** Steps taken, this one included. */
  readonly step: number;
  /** Like the metrics the mean over the micro-batches. */
  readonly loss: number;
  /** Of the whole gradient, before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** The gradient was not finite: parameters and moments are as before. */
  readonly skipped: boolean;
}

export type Evaluation = Pick<StepReport, "loss" | "metrics">;

/** Everything that changes while training, as copies. */
export interface Snapshot<P> {
  readonly step: number;
  readonly params: Mapped<P, NdArray<"float32">>;
  /** The moving average; equal to the parameters' first values when none is kept. */
  readonly ema: Mapped<P, NdArray<"float32">>;
  readonly moments: Readonly<Record<string, Mapped<P, NdArray<"float32">>>>;
}

/** The one owner of the training state: parameters, moments and their average, in memory of its own. Dispose it. */
export interface Trainer<P, Args extends readonly unknown[]> extends Disposable, RunFacts {
  readonly stepCount: number;
  readonly parameterCount: number;
  readonly microBatches: number;
  /** One update on a batch (and a Key, where the signature says `random`). */
  step(...batch: GivenList<Args>): Promise<StepReport>;
  /** Adds the gradient of a batch to that of the next step. Throws "option" for more than microBatches - 1 in a row. */
  accumulate(...batch: GivenList<Args>): Promise<void>;
  /** The loss of a batch, with the moving average of the parameters where one is kept. Changes nothing. */
  evaluate(...batch: GivenList<Args>): Promise<Evaluation>;
  /** What was accumulated since the last step is not part of it. */
  snapshot(): Snapshot<P>;
  /** Goes on from a snapshot exactly as the trainer it came from would have. Throws "shape" and "option", and changes nothing then. */
  restore(snapshot: Snapshot<P>): void;
}

/**
 * Compiles loss and gradient as one graph over memory that the trainer owns; each step runs it, clips, and updates in
 * place. The same parameters, batches and keys give the same numbers. Throws "shape" for a loss that is no scalar,
 * "option" for rates and decays that are not.
 */
export async function trainer<P, Args extends readonly unknown[]>(
  request: TrainerRequest<P, Args>,
): Promise<Trainer<P, Args>> {
  const { microBatches = 1 } = request;
  check("trainer", countCondition, { microBatches });
  const rate = asRate(request.learningRate);
  const decay = typeof request.ema === "number" ? constantDecay(request.ema) : request.ema;
  const maxNorm = request.clipNorm ?? Number.POSITIVE_INFINITY;
  clipCoefficient({ norm: 0, maxNorm });
  const plan = program<P, Args>({ ...request, ...(request.device === "webgpu" && { smallBelow: 0 }) });
  const update = updater(plan.layout, {
    optimizer: request.optimizer ?? {},
    extra: microBatches > 1 ? [accumulated] : [],
  });
  const { session, facts } = await openGraph(plan.graph, request);
  const batch = batchBuffers(plan, request.signature);
  const results = resultBuffers(plan, update);
  const graph = turns<P, Args>({ plan, update, session, batch, results });
  const memory = trainingMemory(plan, update);
  memory.write({ params: request.params });
  update.planes.view("ema").set(update.planes.view("params"));
  const gathered = accumulator(update.planes, results);
  let count = 0;

  const advance = (): StepReport => {
    gathered.add();
    const { loss, metrics } = gathered.finish();
    gathered.reset();
    const gradientNorm = update.gradientNorm() / microBatches;
    const learningRate = checkedRate(rate(count), count);
    const skipped = !Number.isFinite(gradientNorm);
    if (!skipped) {
      const gradScale = clipCoefficient({ norm: gradientNorm, maxNorm }) / microBatches;
      update.update({ count, learningRate, gradScale, emaDecay: decay?.(count) });
      results.writeNext("params");
      if (decay) results.writeNext("ema");
      count++;
    }
    return { step: count, loss, gradientNorm, learningRate, metrics, skipped };
  };

  return {
    ...facts,
    parameterCount: memory.parameterCount,
    microBatches,
    get stepCount() {
      return count;
    },
    async step(...args) {
      if (gathered.count !== microBatches - 1) throw outOfTurn("step", gathered.count, microBatches);
      return graph.take("params", args, advance);
    },
    async accumulate(...args) {
      if (gathered.count >= microBatches - 1) throw outOfTurn("accumulate", gathered.count, microBatches);
      return graph.take("params", args, gathered.add);
    },
    evaluate: (...args) =>
      graph.take(decay ? "ema" : "params", args, () => ({
        loss: results.loss(),
        metrics: results.metrics(),
      })),
    snapshot: () => ({
      step: count,
      params: memory.read("params"),
      ema: memory.read("ema"),
      moments: Object.fromEntries(update.moments.map((name) => [name, memory.read(name)])),
    }),
    restore(snapshot) {
      const moments = update.moments.map((name) => [name, momentOf(snapshot, name)] as const);
      memory.write({ params: snapshot.params, ema: snapshot.ema, ...Object.fromEntries(moments) });
      count = snapshot.step;
      gathered.reset();
    },
    [Symbol.dispose]: () => graph[Symbol.dispose](),
  };
}
