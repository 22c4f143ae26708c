import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { type Compiled, compile, random, spec, specOf } from "../../engine/runtime/index.ts";
import { type Draw, stack, type Tensor } from "../../engine/tensor/index.ts";
import { straightness } from "../../metrics/index.ts";
import { type Distances, distances } from "./distances.ts";
import type { Learned } from "./learn.ts";
import { type Method, type MethodName, methods } from "./methods.ts";
import { answers, type NetworkParams } from "./network.ts";
import type { Problem } from "./problem.ts";
import type { ComparisonRow } from "./row.ts";
import { states } from "./samplers.ts";

/** A method's rows, and what pictures of it show. */
export interface Measured {
  readonly rows: readonly ComparisonRow[];
  /** Samples of the first set, in the units of the data, by nfe: [count, 2] each. */
  readonly samples: Readonly<Record<number, NdArray>>;
  /** On their way, in the units of the data: [fine + 1, count, 2]. */
  readonly trajectory: NdArray;
}

export interface MeasureRequest {
  readonly method: MethodName;
  readonly learned: Learned;
  readonly signal?: AbortSignal | undefined;
  /** Told after the samples with each nfe. */
  readonly measured: (nfe: number) => void;
}

/** Samples with every nfe, and how good they are. Throws the signal's reason when that aborts. */
export async function measure(problem: Problem, request: MeasureRequest): Promise<Measured> {
  const { learned, signal, measured } = request;
  const method = methods[request.method];
  const found: { nfe: number; samples: NdArray; largestDifference: number; distances: Distances }[] = [];
  for (const nfe of problem.budget.nfe) {
    await breath();
    signal?.throwIfAborted();
    const { samples, largestDifference } = await sampled(problem, { method, learned, nfe });
    found.push({ nfe, samples: samples[0]!, largestDifference, distances: distances(problem, samples) });
    measured(nfe);
  }
  const { trajectory, bend } = await travelled(problem, { method, learned });
  const facts = {
    method: request.method,
    straightness: method.stochastic ? null : bend,
    reproducible: found.every(({ largestDifference }) => largestDifference === 0),
    trainSeconds: learned.seconds,
    trainSteps: learned.steps,
  };
  return {
    rows: found.map((row) => ({
      ...facts,
      nfe: row.nfe,
      ...row.distances,
      largestDifference: row.largestDifference,
    })),
    samples: Object.fromEntries(found.map(({ nfe, samples }) => [nfe, samples])),
    trajectory,
  };
}

/** Lets signals, messages and timers through, which native calls that follow each other do not. */
const breath = () => new Promise((done) => setTimeout(done, 0));

interface Trained {
  readonly method: Method;
  readonly learned: Learned;
}

/** Samples of every set, and how much those of the first one depend on the sampler's key. */
async function sampled(
  problem: Problem,
  { method, learned: { params }, nfe }: Trained & { readonly nfe: number },
): Promise<{ samples: NdArray[]; largestDifference: number }> {
  const { sets, units, key } = problem;
  using sampler = await compiled(problem, method, { params, nfe, output: (all) => all.at(-1)! });
  const samples: NdArray<"float32">[] = [];
  for (const { x0, sampler: own } of sets) samples.push(units.invert(await sampler(params, x0, own)));
  const again = units.invert(await sampler(params, sets[0]!.x0, key.fold("another sampler")));
  return { samples, largestDifference: largestDifference(samples[0]!, again) };
}

/** The way of the first set's samples in many calls, and its straightness. */
async function travelled(
  problem: Problem,
  { method, learned: { params } }: Trained,
): Promise<{ trajectory: NdArray; bend: number }> {
  const { units, budget } = problem;
  const [{ x0, sampler: own }] = problem.sets as [Problem["sets"][number]];
  using sampler = await compiled(problem, method, { params, nfe: budget.fine, output: stack });
  const trajectory = await sampler(params, x0, own);
  const points = units.invert({ ...trajectory, shape: [trajectory.data.length / 2, 2] });
  const finite = points.data.every(Number.isFinite);
  const times = method.sampler.times(budget.fine);
  return {
    trajectory: ndarray(points.data, trajectory.shape),
    bend: finite ? straightness({ trajectory, times }).value : Number.NaN,
  };
}

type Sampled = Compiled<[NetworkParams, Tensor, Draw], Tensor>;

function compiled(
  { network, budget, options }: Problem,
  { sampler }: Method,
  {
    params,
    nfe,
    output,
  }: {
    readonly params: Learned["params"];
    readonly nfe: number;
    readonly output: (states: Tensor[]) => Tensor;
  },
): Promise<Sampled> {
  return compile(
    (values: NetworkParams, x0: Tensor, draw: Draw) =>
      output(states(sampler, answers(network, values), x0, { nfe, draw })),
    [specOf(params) as never, spec([budget.count, 2]), random],
    options,
  );
}

function largestDifference(a: NdArray<"float32">, b: NdArray<"float32">): number {
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0);
}
