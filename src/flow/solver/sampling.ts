import type { NdArray, Shape } from "../../engine/array/index.ts";
import { boundParams, type Signature, type Signed, spec, trace } from "../../engine/runtime/index.ts";
import {
  ancestors,
  expand,
  is,
  isConstant,
  leaves,
  type Mapped,
  slice,
  type Tensor,
} from "../../engine/tensor/index.ts";
import { alongEvent, type VelocityField } from "../field/index.ts";
import type { Stepper } from "./stepper.ts";

/** All steps in one graph, or one compiled step that the host calls. */
export type Way = "graph" | "steps";

export interface SamplingProblem<P, C> {
  /** The velocity field of these parameters under a condition; guidance and other wrappers belong in here. */
  readonly field: (params: P, condition: C) => VelocityField;
  readonly params: Mapped<P, NdArray>;
  /** The shape of one sample. */
  readonly event: Shape;
  /** One step from each time to the next: `uniformGrid(steps)` or another grid. */
  readonly times: readonly number[];
  readonly solver: Stepper;
  /** What the condition looks like for a batch; without it there is none. */
  readonly condition?: (batch: number) => Signed<C>;
}

/** A sampler's two ways as functions of tensors, and which one suits it. */
export interface Plan<C> {
  step(x: Tensor, t: Tensor, dt: Tensor, condition: C): { readonly x: Tensor; readonly endpoint: Tensor };
  whole(x0: Tensor, times: Tensor, lengths: Tensor, condition: C): Tensor;
  readonly way: Way;
  /** Batch sizes whose steps stay in the cache. */
  readonly sizes: readonly number[];
}

/** Weights in one graph, each counted as often as it is read: a runtime packs a copy for every time. */
const largestGraph = 15e6;
/** Elements of a step's widest tensor that leave the cache room for weights. */
const cachedElements = 2 ** 16;

/** Times are inputs in both ways: folded ones would be computed in float64, and so give other bits. */
export function plan<P, C>(problem: SamplingProblem<P, C>): Plan<C> {
  const { field, event, times, solver } = problem;
  const params = boundParams<P>(problem.params);
  const steps = times.length - 1;
  const next = (x: Tensor, t: Tensor, dt: Tensor, condition: C): Tensor => {
    return solver.step(field(params, condition), x, spread(t, x), spread(dt, x));
  };
  const step: Plan<C>["step"] = (x, t, dt, condition) => {
    const rest = alongEvent("sampler", spread(t, x).neg().add(1), x);
    return {
      x: next(x, t, dt, condition),
      endpoint: x.add(field(params, condition)(x, spread(t, x)).mul(rest)),
    };
  };
  const whole: Plan<C>["whole"] = (x0, all, lengths, condition) => {
    const row = (values: Tensor, i: number) => slice(values, { axis: 0, start: i, stop: i + 1 });
    return Array.from({ length: steps }).reduce<Tensor>(
      (x, _, i) => next(x, row(all, i), row(lengths, i), condition),
      x0,
    );
  };
  type Args = [Tensor, Tensor, Tensor, C];
  const signature = [spec([1, ...event]), spec([1]), spec([1]), problem.condition?.(1)];
  const { outputs } = trace<Args, Tensor>(next, signature as unknown as Signature<Args>);
  const { read, widest } = weighed(outputs, params);
  return { step, whole, way: read * steps <= largestGraph ? "graph" : "steps", sizes: powersOfTwo(widest) };
}

/** One time [1] for every sample. */
export const spread = (t: Tensor, x: Tensor): Tensor => expand(t, x.shape.slice(0, 1));

/** How many weights one step reads, and the elements of its widest tensor for one sample. */
function weighed(outputs: readonly Tensor[], params: unknown): { read: number; widest: number } {
  const weights = new Set(leaves<Tensor>(params));
  const tensors = ancestors(outputs);
  const reads = tensors.flatMap(({ inputs }) => inputs.filter((x) => weights.has(x)).map(({ size }) => size));
  const computed = tensors.filter((tensor) => !isConstant(tensor));
  return {
    read: [...reads, ...foreign(tensors).values()].reduce((total, size) => total + size, 0),
    widest: Math.max(...computed.map(({ size }) => size)),
  };
}

/** The weights of each call of a foreign model, by its name and inputs: as many numbers as its file can hold. */
function foreign(tensors: readonly Tensor[]): Map<string, number> {
  const calls = tensors.filter((tensor): tensor is Tensor<"call"> => is("call", tensor));
  return new Map(
    calls.map(({ inputs, attributes: { model } }) => [
      `${model.name}(${inputs.map(({ id }) => id)})`,
      model.bytes.length / 4,
    ]),
  );
}

function powersOfTwo(widest: number): number[] {
  const largest = Math.min(512, Math.max(16, cachedElements / widest));
  return Array.from({ length: Math.floor(Math.log2(largest)) + 1 }, (_, i) => 2 ** i);
}
