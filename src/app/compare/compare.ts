import type { Distribution } from "../../data/index.ts";
import type { NdArray } from "../../engine/array/index.ts";
import { type Clock, systemClock } from "../../engine/clock.ts";
import { key } from "../../engine/random/index.ts";
import type { RunOptions } from "../../engine/runtime/index.ts";
import { type CompareBudget, checkBudget, compareBudgets } from "./budget.ts";
import { floorRow } from "./distances.ts";
import { type Learned, learn } from "./learn.ts";
import { type Measured, measure } from "./measure.ts";
import { checkMethods, type MethodName, methodNames, methods } from "./methods.ts";
import { type Problem, problem } from "./problem.ts";
import { type CompareProgress, type Work, work } from "./progress.ts";
import type { ComparisonRow } from "./row.ts";
import { type ComparisonClaim, theory } from "./theory.ts";
import { type TrainingName, trainings } from "./trainings.ts";
import { within } from "./within.ts";

export interface CompareRequest extends Pick<RunOptions, "device" | "threads"> {
  /** In the plane. */
  readonly data: Distribution;
  /** Default: all, in the order of `methodNames`. */
  readonly methods?: readonly MethodName[];
  /** Default: `compareBudgets.full`. */
  readonly budget?: CompareBudget;
  /** About how long all of it may take: in the place of the budget's steps come those that fit on this machine. */
  readonly seconds?: number;
  /** A whole number >= 0, of all that is random; default 0. */
  readonly seed?: number;
  /** When it aborts, what is finished is returned. */
  readonly signal?: AbortSignal;
  /** Told after every step, with the time that is left. */
  readonly progress?: (state: CompareProgress) => void;
  /** Given the comparison so far, whenever a method is finished: to save it. */
  readonly finished?: (comparison: Comparison) => Promise<void> | void;
  readonly clock?: Clock;
}

export interface Comparison {
  readonly data: string;
  readonly seed: number;
  readonly budget: CompareBudget;
  /** The floor first, then a row for each method and nfe. */
  readonly rows: readonly ComparisonRow[];
  readonly theory: readonly ComparisonClaim[];
  /** What was asked for and is not there yet: the signal aborted, or more is coming. */
  readonly missing: readonly MethodName[];
  readonly seconds: number;
  /** What pictures show; not part of the JSON. */
  readonly pictures: ComparisonPictures;
}

export interface ComparisonPictures {
  readonly reference: NdArray;
  readonly methods: Readonly<Partial<Record<MethodName, Pick<Measured, "samples" | "trajectory">>>>;
}

/**
 * Trains methods alike and measures their samples alike: the same network with the same first parameters, as many
 * steps on batches of the same data and noise, the same x0 and references. ddpm and ddim are one network, and the first
 * round of rectified is flow: both are trained once, and counted for each. Throws "option", and "numerical" for a
 * training that diverges.
 */
export async function compare(request: CompareRequest): Promise<Comparison> {
  const { data, methods: names = methodNames, seed = 0, clock = systemClock, signal } = request;
  checkMethods(names);
  const began = clock.nowMs();
  const shared = await shareable(request, names, clock);
  const floor = floorRow(shared);
  const done = new Map<MethodName, Measured>();
  const soFar = () =>
    comparison(
      { data: data.name, seed, budget: shared.budget, seconds: (clock.nowMs() - began) / 1000 },
      { shared, floor, names, done },
    );
  const { progress, finished } = request;
  const counted = work(names, { budget: shared.budget, clock, tell: (state) => progress?.(state) });
  const train = trained(shared, { clock, signal, counted });
  try {
    for (const method of names) {
      const learned = await train(methods[method].training);
      const measured = (nfe: number) => counted.measured(method, nfe);
      done.set(method, await measure(shared, { method, learned, signal, measured }));
      await finished?.(soFar());
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
  return soFar();
}

async function shareable(
  { data, budget = compareBudgets.full, seconds, seed = 0, device, threads }: CompareRequest,
  names: readonly MethodName[],
  clock: Clock,
): Promise<Problem> {
  checkBudget(budget);
  const options = { ...(device && { device }), ...(threads !== undefined && { threads }) };
  const shared = problem({ data, budget, key: key(seed), options });
  if (seconds === undefined) return shared;
  return { ...shared, budget: await within(shared, { names, seconds, clock }) };
}

interface Training {
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readonly counted: Work;
}

/** Each training once, a teacher's before. */
function trained(
  shared: Problem,
  { clock, signal, counted }: Training,
): (name: TrainingName) => Promise<Learned> {
  const done = new Map<TrainingName, Learned>();
  const train = async (name: TrainingName): Promise<Learned> => {
    const known = done.get(name);
    if (known) return known;
    const { teacher } = trainings[name];
    const from = teacher && (await train(teacher));
    const learned = await learn(shared, name, {
      clock,
      signal,
      stepped: () => counted.step(name),
      ...(from && { teacher: from }),
    });
    done.set(name, learned);
    return learned;
  };
  return train;
}

interface Found {
  readonly shared: Problem;
  readonly floor: ComparisonRow;
  readonly names: readonly MethodName[];
  readonly done: ReadonlyMap<MethodName, Measured>;
}

function comparison(
  about: Pick<Comparison, "data" | "seed" | "budget" | "seconds">,
  { shared, floor, names, done }: Found,
): Comparison {
  const rows = [floor, ...[...done.values()].flatMap((measured) => measured.rows)];
  return {
    ...about,
    rows,
    theory: theory(rows),
    missing: names.filter((name) => !done.has(name)),
    pictures: { reference: shared.sets[0]!.reference, methods: Object.fromEntries(done) },
  };
}
