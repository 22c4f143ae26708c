import type { NdArray } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import {
  type GivenList,
  openGraph,
  type RunFacts,
  type RunOptions,
  type Signature,
} from "../engine/runtime/index.ts";
import type { Mapped } from "../engine/tensor/index.ts";
import type { AdamOptions } from "./adam.ts";
import { batchBuffers, planeArrays, resultBuffers } from "./buffers.ts";
import { clipCoefficient } from "./clip.ts";
import { constantDecay, type Decay } from "./ema.ts";
import type { LayoutOptions } from "./layout.ts";
import { trainingMemory } from "./memory.ts";
import type { Optimizer } from "./optimizer.ts";
import { type LossFunction, program } from "./program.ts";
import { asRate, type Rate } from "./rate.ts";
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
  /** Per step, counted from 0. */
  readonly learningRate: number | Rate;
  /** Options of the fused AdamW (the default), or an optimiser such as sgd({ momentum: 0.9 }). */
  readonly optimizer?: AdamOptions | Optimizer;
  /** Largest global norm of the gradient; longer ones are scaled down. Default: no limit. */
  readonly clipNorm?: number;
  /** Decay of the exponential moving average of the parameters, per update. Default: no average. */
  readonly ema?: number | Decay;
}

export interface StepReport {
  /** Steps taken, this one included. */
  readonly step: number;
  readonly loss: number;
  /** Of the whole gradient, before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** The gradient was not finite: parameters and moments are as before. */
  readonly skipped: boolean;
}

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
  /** One update on a batch (and a Key, where the signature says `random`). */
  step(...batch: GivenList<Args>): Promise<StepReport>;
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
  const rate = asRate(request.learningRate);
  const decay = typeof request.ema === "number" ? constantDecay(request.ema) : request.ema;
  const maxNorm = request.clipNorm ?? Number.POSITIVE_INFINITY;
  clipCoefficient({ norm: 0, maxNorm });
  const plan = program<P, Args>({ ...request, ...(request.device === "webgpu" && { smallBelow: 0 }) });
  const update = updater(plan.layout, request.optimizer ?? {});
  const { session, facts } = await openGraph(plan.graph, request);
  const batch = batchBuffers(plan, request.signature);
  const results = resultBuffers(plan);
  const run = session.bind(
    { ...planeArrays(plan, update, "params"), ...batch.arrays },
    { ...planeArrays(plan, update, "gradient"), ...results.arrays },
  );
  const memory = trainingMemory(plan, update);
  memory.write({ params: request.params });
  update.planes.view("ema").set(update.planes.view("params"));
  let count = 0;
  let status: "idle" | "running" | "disposed" = "idle";

  const advance = (): StepReport => {
    const gradientNorm = update.gradientNorm();
    const learningRate = checkedRate(rate(count), count);
    const skipped = !Number.isFinite(gradientNorm);
    if (!skipped) {
      const gradScale = clipCoefficient({ norm: gradientNorm, maxNorm });
      update.update({ count, learningRate, gradScale, emaDecay: decay?.(count) });
      count++;
    }
    return {
      step: count,
      loss: results.loss(),
      gradientNorm,
      learningRate,
      metrics: results.metrics(),
      skipped,
    };
  };

  return {
    ...facts,
    parameterCount: memory.parameterCount,
    get stepCount() {
      return count;
    },
    async step(...args) {
      if (status !== "idle") throw busy(status);
      batch.fill(args);
      status = "running";
      try {
        const pending = run();
        if (pending) await pending;
        return advance();
      } finally {
        if (status === "running") status = "idle";
      }
    },
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
    },
    [Symbol.dispose]() {
      if (status !== "disposed") session[Symbol.dispose]();
      status = "disposed";
    },
  };
}

function checkedRate(value: number, step: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new AdvectError("option", "Trainer.step", {
    expected: "a learning rate that is finite and not negative",
    got: `${value} at step ${step}`,
    fix: "Check the learning-rate schedule.",
  });
}

function busy(status: "running" | "disposed"): AdvectError {
  return new AdvectError("option", "Trainer.step", {
    expected: "a trainer that is idle",
    got: status === "running" ? "one whose last step is not finished" : "one that was disposed",
    fix:
      status === "running"
        ? "Await each step before the next."
        : "Make a new trainer and restore a snapshot.",
  });
}

function momentOf<P>({ moments }: Snapshot<P>, name: string): Mapped<P, NdArray<"float32">> {
  const moment = moments[name];
  if (moment) return moment;
  throw new AdvectError("option", "Trainer.restore", {
    expected: `the optimiser's moment "${name}"`,
    got: Object.keys(moments),
    fix: "Restore into a trainer with the optimiser that the snapshot was made with.",
  });
}
