import { type NdArray, ndarray, zeros } from "../../../engine/array/index.ts";
import { batched, boundParams, type RunOptions, spec } from "../../../engine/runtime/index.ts";
import {
  add,
  clip,
  expand,
  interpret,
  leaves,
  mul,
  reshape,
  slice,
  type Tensor,
} from "../../../engine/tensor/index.ts";
import {
  type Coefficients,
  type Denoising,
  diffusionEnds,
  type NoiseLevel,
  type Scheduler,
  type Transition,
  type VelocityField,
} from "../../../flow/index.ts";
import type { Params, Values } from "../../../nn/index.ts";
import type { ChunkSizes } from "./method.ts";
import { rowSizes } from "./velocity.ts";

export interface DenoisingPlan extends Denoising {
  readonly transition: Transition;
}

/** Transitions between levels of noise, compiled: all of them, or one after another; the same bits. */
export interface CompiledSteps extends Disposable {
  whole(x0: NdArray, condition: NdArray, fresh: (index: number) => NdArray): Promise<NdArray>;
  step(
    x: NdArray,
    condition: NdArray,
    level: { readonly from: number; readonly to: number; readonly fresh: () => NdArray },
  ): Promise<{ readonly x: NdArray; readonly endpoint: NdArray }>;
}

export interface StepsRequest {
  readonly params: Values<Params>;
  readonly network: (params: Params, condition: Tensor) => VelocityField;
  readonly sizes: ChunkSizes;
  readonly plan: DenoisingPlan;
}

/** As for the samplers of flows: weights in one graph, each counted as often as it is read. */
const largestGraph = 15e6;

/** Numbers of a transition: t, alpha, sigma, dAlpha, dSigma, and the weights of data, noise and fresh noise. */
const columns = 8;

export function compiledSteps(request: StepsRequest, options: RunOptions): CompiledSteps {
  const { params, plan } = request;
  const rows = rowsOf(plan, plan.times);
  const weights = leaves<NdArray>(params).reduce((sum, { data }) => sum + data.length, 0);
  const { one, all } = compiledWays(request, { ...options, steps: rows.length });
  const step = ({ x, condition, row, fresh }: Transit) =>
    one(x, condition, column(row), row[columns - 1]! > 0 ? fresh() : zeros(x.shape)) as Promise<{
      x: NdArray;
      endpoint: NdArray;
    }>;
  return {
    async whole(x0, condition, fresh) {
      if (weights * rows.length <= largestGraph)
        return all(x0, condition, tableOf(rows), stackedNoise(rows, x0, fresh)) as Promise<NdArray>;
      let x = x0;
      for (const [i, row] of rows.entries()) x = (await step({ x, condition, row, fresh: () => fresh(i) })).x;
      return x;
    },
    step: (x, condition, { from, to, fresh }) =>
      step({ x, condition, row: rowsOf(plan, [from, to])[0]!, fresh }),
    [Symbol.dispose]() {
      one[Symbol.dispose]();
      all[Symbol.dispose]();
    },
  };
}

interface Transit {
  readonly x: NdArray;
  readonly condition: NdArray;
  readonly row: readonly number[];
  readonly fresh: () => NdArray;
}

/** One transition, and all of them in one graph: x, condition, the numbers of transitions, noise. */
function compiledWays(
  { params, network, sizes: { event, conditionSize }, plan }: StepsRequest,
  { steps, ...options }: RunOptions & { readonly steps: number },
) {
  type Args = [Tensor, Tensor, Tensor, Tensor];
  const bound = boundParams<Params>(params as never);
  const next = (x: Tensor, condition: Tensor, row: Tensor, fresh: Tensor) =>
    transit({ x, row, fresh }, { field: network(bound, condition), plan });
  const whole = (x0: Tensor, condition: Tensor, table: Tensor, noise: Tensor) => {
    const row = (i: number) => reshape(slice(table, { axis: 0, start: i, stop: i + 1 }), [columns]);
    const fresh = (i: number) => reshape(slice(noise, { axis: 1, start: i, stop: i + 1 }), x0.shape);
    return Array.from({ length: steps }).reduce<Tensor>(
      (x, _, i) => next(x, condition, row(i), fresh(i)).x,
      x0,
    );
  };
  const common = { ...options, sizes: rowSizes };
  const signature = (numbers: readonly number[], lead: readonly number[]) => (batch: number) =>
    [
      spec([batch, ...event]),
      spec([batch, conditionSize]),
      spec(numbers),
      spec([batch, ...lead, ...event]),
    ] as never;
  return {
    one: batched<Args, { x: Tensor; endpoint: Tensor }>(next, signature([columns], []), common),
    all: batched<Args, Tensor>(whole, signature([steps, columns], [steps]), common),
  };
}

interface State {
  readonly x: Tensor;
  readonly row: Tensor;
  readonly fresh: Tensor;
}

/** One transition; its numbers are inputs, so that every transition is the same graph. */
function transit(
  { x, row, fresh }: State,
  { field, plan }: { readonly field: VelocityField; readonly plan: DenoisingPlan },
): { x: Tensor; endpoint: Tensor } {
  const [t, alpha, sigma, dAlpha, dSigma, target, noise, std] = Array.from({ length: columns }, (_, i) =>
    slice(row, { axis: 0, start: i, stop: i + 1 }),
  ) as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
  const coefficients: Coefficients = { alpha, sigma, dAlpha, dSigma };
  const scheduler: Scheduler = { ...plan.scheduler, at: () => coefficients };
  const time = expand(t, x.shape.slice(0, 1));
  const value = field(x, time);
  const free = diffusionEnds(scheduler, { prediction: plan.prediction, value, xt: x, t: time });
  const limit = plan.clip;
  const ends =
    limit === undefined
      ? free
      : diffusionEnds(scheduler, {
          prediction: "target",
          value: clip(free.x1, { low: -limit, high: limit }),
          xt: x,
          t: time,
        });
  const moved = add(add(mul(ends.x1, target), mul(ends.x0, noise)), mul(fresh, std));
  return { x: moved, endpoint: ends.x1 };
}

/** The numbers of every transition, computed in float64. */
function rowsOf({ scheduler, transition }: DenoisingPlan, times: readonly number[]): number[][] {
  const t = ndarray(Float64Array.from(times), [times.length], "float64");
  const { alpha, sigma, dAlpha, dSigma } = interpret((at: Tensor) => scheduler.at(at), t);
  const level = (i: number): NoiseLevel => ({ alpha: alpha.data[i]!, sigma: sigma.data[i]! });
  return times.slice(0, -1).map((time, i) => {
    const { target, noise, std } = transition.weights({ from: level(i), to: level(i + 1) });
    const coefficients = [alpha, sigma, dAlpha, dSigma].map(({ data }) => data[i]!);
    return [time, ...coefficients, target, noise, std];
  });
}

const column = (row: readonly number[]) => ndarray(Float32Array.from(row), [columns]);
const tableOf = (rows: readonly number[][]) =>
  ndarray(Float32Array.from(rows.flat()), [rows.length, columns]);

/** [batch, steps, ...event]; zeros where a transition draws nothing. */
function stackedNoise(
  rows: readonly number[][],
  { shape }: NdArray,
  fresh: (index: number) => NdArray,
): NdArray<"float32"> {
  const [batch, ...event] = shape as [number, ...number[]];
  const result = zeros([batch, rows.length, ...event]);
  const size = event.reduce((a, b) => a * b, 1);
  for (const [i, row] of rows.entries()) {
    if (row[columns - 1] === 0) continue;
    const { data } = fresh(i);
    for (let b = 0; b < batch; b++) {
      const part = data.subarray(b * size, (b + 1) * size) as Float32Array;
      result.data.set(part, (b * rows.length + i) * size);
    }
  }
  return result;
}
