import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { key } from "../../engine/random/index.ts";
import type { RunOptions } from "../../engine/runtime/index.ts";
import type { Data } from "../build/data.ts";
import { sampleWith } from "../build/sample.ts";
import { startsOf, type ToldRows, toldRows } from "../build/starts.ts";
import type { Guidance, Sampling, SolverWords } from "../recipe/index.ts";
import type { LoadedRun } from "./load.ts";

/** Everything but `count` is the recipe's own unless given. */
export interface RunSampling extends RunOptions {
  readonly count?: number;
  readonly seed?: number;
  readonly solver?: SolverWords;
  readonly steps?: number;
  readonly grid?: Sampling["grid"];
  readonly guidance?: Guidance;
  /** One after the other, again and again; all of them unless given. */
  readonly labels?: readonly number[];
  /** The same of condition vectors, [rows, size]. */
  readonly vectors?: NdArray;
  /** Where to start in place of noise, for recipes with a source. */
  readonly source?: Data["source"];
}

/** Samples in the units of the data; images in [-1, 1]. */
export interface RunSamples extends ToldRows {
  readonly x0: NdArray;
  /** [count, ...shape] */
  readonly samples: NdArray<"float32">;
  /** [times, count, ...shape] */
  readonly trajectory?: NdArray<"float32">;
  readonly times: readonly number[];
  readonly nfe: number;
}

/** Samples of a trained model; the same seed gives the same ones. Throws "option", "shape", "numerical". */
export async function sampleRun(run: LoadedRun, request: RunSampling = {}): Promise<RunSamples> {
  const { recipe, plan, params, units } = run;
  const { sampling } = recipe;
  const { count = sampling.count, seed = recipe.seed, device, threads } = request;
  const own = key(seed).fold("sample");
  const told = toldRows(plan, { count, labels: request.labels, vectors: request.vectors });
  const x0 = startsOf(plan, { count, key: own, source: request.source });
  const found = await sampleWith(plan, {
    params,
    x0,
    told,
    key: own,
    solver: request.solver ?? sampling.solver,
    steps: request.steps ?? sampling.steps,
    grid: request.grid ?? sampling.grid,
    guidance: request.guidance ?? sampling.guidance,
    ...(device && { device }),
    ...(threads !== undefined && { threads }),
  });
  return {
    x0: units.invert(x0),
    samples: units.invert(found.x),
    ...(found.trajectory && { trajectory: invertedEach(run, found.trajectory) }),
    times: found.times,
    nfe: found.nfe,
    ...told,
  };
}

/** [times, count, ...shape], every time by itself. */
function invertedEach({ units }: LoadedRun, { shape, data }: NdArray): NdArray<"float32"> {
  const [times, count, ...event] = shape as [number, number, ...number[]];
  const rows = ndarray(data as Float32Array, [times * count, ...event]);
  return ndarray(units.invert(rows).data, shape);
}
