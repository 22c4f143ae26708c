import { type Clock, systemClock } from "../engine/clock.ts";
import { AdvectError } from "../engine/error.ts";
import { checkFit, type FitRequest, type FitResult } from "./fit-request.ts";
import { type MetricsLog, metricsLog } from "./log.ts";
import { afterStep, afterValidation, emptyInterval, type Progress, startOf } from "./progress.ts";
import { type ProgressLine, progressLine } from "./progress-line.ts";
import { resume } from "./resume.ts";
import { checkpointStore, type Store } from "./store.ts";
import type { StepReport } from "./trainer.ts";
import { validation } from "./validation.ts";

/**
 * Trains until `steps`, with validation, log, checkpoints and a progress line. Called again with the same request it
 * goes on from the newest checkpoint, and ends with the same bits as a run that never stopped. Without checkpoints it
 * goes on from the steps that the trainer has taken. Throws "option", "shape" for a checkpoint of another model, "io"
 * for what cannot be written, "numerical" when no gradient is finite any more; the trainer is whole then.
 */
export async function fit<P, Args extends readonly unknown[]>(
  request: FitRequest<P, Args>,
): Promise<FitResult> {
  checkFit(request);
  const run = await begin(request);
  try {
    let reason = reasonToStop(request, run.progress);
    for (; reason === undefined; reason = reasonToStop(request, run.progress)) await advance(request, run);
    await save(request, run);
    run.line?.finish(farewell(request, run, reason));
    const { progress, saved } = run;
    return { reason, progress, ...(saved && { checkpoint: saved.folder }) };
  } catch (error) {
    run.line?.finish();
    throw error;
  }
}

/** What one call of `fit` keeps and changes. */
interface Run {
  progress: Progress;
  /** The newest checkpoint. */
  saved: { readonly folder: string; readonly step: number } | undefined;
  readonly store: Store | undefined;
  readonly log: MetricsLog | undefined;
  readonly line: ProgressLine | undefined;
  readonly clock: Clock;
  /** The step and time that this call began with. */
  readonly start: { readonly step: number; readonly seconds: number; readonly atMs: number };
  readonly breathe: () => Promise<void>;
}

async function begin<P, Args extends readonly unknown[]>(request: FitRequest<P, Args>): Promise<Run> {
  const { trainer, key, steps, files, warn, clock = systemClock } = request;
  const context = { ...(files && { files }), ...(warn && { warn }) };
  const store = request.checkpoint && checkpointStore(request.checkpoint, context);
  const checkpoint = await store?.newest();
  // also forgets what a step that failed had accumulated
  if (!checkpoint) trainer.restore(trainer.snapshot());
  const progress = checkpoint ? resume(trainer, { checkpoint, key }) : startOf(key.words, trainer.stepCount);
  const log = request.log && metricsLog(request.log.path, files);
  await log?.rewind(progress.step);
  const samplesPerStep = request.batches.batchSize * trainer.microBatches;
  return {
    progress,
    saved: checkpoint && { folder: checkpoint.folder, step: progress.step },
    store,
    log,
    line:
      request.progress &&
      progressLine({ ...request.progress, steps, start: progress.step, samplesPerStep, clock }),
    clock,
    start: { step: progress.step, seconds: progress.seconds, atMs: clock.nowMs() },
    breathe: breather(clock),
  };
}

type Reason = FitResult["reason"];

function reasonToStop<P, Args extends readonly unknown[]>(
  { steps, validate, signal }: FitRequest<P, Args>,
  { step, stale }: Progress,
): Reason | undefined {
  if (step >= steps) return "steps";
  if (stale >= (validate?.patience ?? Number.POSITIVE_INFINITY)) return "patience";
  return signal?.aborted ? "aborted" : undefined;
}

/** One step, and what is due after it: a line of the log, a validation, a checkpoint. */
async function advance<P, Args extends readonly unknown[]>(
  request: FitRequest<P, Args>,
  run: Run,
): Promise<void> {
  const report = await update(request, run.progress.step);
  run.progress = { ...afterStep(run.progress, report), seconds: secondsOf(run) };
  checkAlive(run.progress);
  await writeLog(request, run, report);
  run.line?.show({ step: run.progress.step, loss: run.progress.metrics.loss });
  const improved = await validate(request, run);
  if (improved || isDue(run.progress, request.checkpoint?.every)) await save(request, run);
  await run.breathe();
}

/** One update of the trainer, on the micro-batches step k, step k + 1, … step k + k - 1. */
async function update<P, Args extends readonly unknown[]>(
  { trainer, batches, key }: FitRequest<P, Args>,
  step: number,
): Promise<StepReport> {
  const { microBatches } = trainer;
  const first = step * microBatches;
  for (let i = 0; i < microBatches - 1; i++) {
    await trainer.accumulate(...(await batches.at(first + i, key)));
  }
  return trainer.step(...(await batches.at(first + microBatches - 1, key)));
}

async function writeLog<P, Args extends readonly unknown[]>(
  { trainer, batches, log }: FitRequest<P, Args>,
  run: Run,
  { gradientNorm, learningRate, metrics }: StepReport,
): Promise<void> {
  const { step, interval, seconds } = run.progress;
  if (!log || !isDue(run.progress, log.every ?? 50)) return;
  const samples = (step - run.start.step) * batches.batchSize * trainer.microBatches;
  const loss = interval.count > 0 ? interval.loss / interval.count : null;
  const speed = { samplesPerSecond: samples / (seconds - run.start.seconds), seconds };
  await run.log?.write({
    step,
    loss,
    gradientNorm,
    learningRate,
    metrics,
    skipped: interval.skipped,
    ...speed,
  });
  run.progress = { ...run.progress, interval: emptyInterval };
}

/** True if it was the best so far. */
async function validate<P, Args extends readonly unknown[]>(
  { trainer, key, validate: options }: FitRequest<P, Args>,
  run: Run,
): Promise<boolean> {
  if (!options || !isDue(run.progress, options.every)) return false;
  const found = await validation(trainer, options, key);
  run.progress = afterValidation(run.progress, found);
  const { step, seconds, stale } = run.progress;
  await run.log?.write({ step, validation: found.loss, metrics: found.metrics, seconds });
  return stale === 0;
}

async function save<P, Args extends readonly unknown[]>(
  { trainer }: FitRequest<P, Args>,
  run: Run,
): Promise<void> {
  const { progress, store, saved } = run;
  if (!store || saved?.step === progress.step) return;
  run.saved = { folder: await store.save({ snapshot: trainer.snapshot(), progress }), step: progress.step };
}

const isDue = ({ step }: Progress, every = Number.POSITIVE_INFINITY) => step % every === 0;

const secondsOf = ({ start, clock }: Run) => start.seconds + (clock.nowMs() - start.atMs) / 1000;

const mostSkipped = 20;

/** One bad batch is skipped; when nothing else comes any more, training has failed. Throws "numerical". */
function checkAlive({ skipped, step }: Progress): void {
  if (skipped < mostSkipped) return;
  throw new AdvectError("numerical", "fit", {
    expected: "a finite gradient",
    got: `none in the ${skipped} steps up to ${step}`,
    fix: "Look for NaN in the batches, lower the learning rate, or set clipNorm.",
  });
}

function farewell<P, Args extends readonly unknown[]>(
  { steps }: FitRequest<P, Args>,
  { progress, saved }: Run,
  reason: Reason,
): string | undefined {
  const at = `step ${progress.step} of ${steps}`;
  if (reason === "patience")
    return `Validation has not improved since step ${progress.best?.step}: ended at ${at}.`;
  if (reason === "steps") return undefined;
  if (!saved) return `Stopped at ${at}. Nothing was saved: with a checkpoint folder it could be resumed.`;
  return `Stopped at ${at}, saved in ${saved.folder}. To resume, run the same again.`;
}

/** Every 50 ms gives timers and signals their turn: steps of the native runtime never wait for anything. */
function breather(clock: Clock): () => Promise<void> {
  let last = clock.nowMs();
  return async () => {
    if (clock.nowMs() - last < 50) return;
    await new Promise((done) => setTimeout(done, 0));
    last = clock.nowMs();
  };
}
