import { type NdArray, ndarray, type Shape } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { batched, type Device } from "../../engine/runtime/index.ts";
import type { Mapped } from "../../engine/tensor/index.ts";
import { checkState, checkTimes } from "./check.ts";
import { midpoint } from "./methods.ts";
import { type Plan, plan, type SamplingProblem, type Way } from "./sampling.ts";

export interface SamplerOptions<P, C> extends Omit<SamplingProblem<P, C>, "solver"> {
  /** Default: `midpoint`. */
  readonly solver?: SamplingProblem<P, C>["solver"];
  /** Default: "graph" while the weights that all steps read are at most 15 million numbers, else "steps". */
  readonly way?: Way;
  /** Batch sizes to compile for, each when it is first needed. Default: powers of two that keep a step in the cache. */
  readonly sizes?: readonly number[];
  readonly device?: Device;
  /** Threads inside one operation; by default one for small graphs, else every physical core. */
  readonly threads?: number;
}

/** Arrays for a condition of tensors; no argument where there is none. */
export type ConditionArgument<C> = [C] extends [undefined] ? [] : [condition: Mapped<C, NdArray>];

/** Draws samples by a fixed grid of steps. Dispose it: it holds compiled functions. */
export interface Sampler<C = undefined> extends Disposable {
  /** x at the last time from x0 [batch, ...event] at the first, for any batch; conditions have the same batch. */
  (x0: NdArray, ...condition: ConditionArgument<C>): Promise<NdArray>;
  /** x at every time: [times, batch, ...event]; its last is what the sampler returns, bit for bit. */
  trajectory(x0: NdArray, ...condition: ConditionArgument<C>): Promise<NdArray>;
  /** One step of the solver from any x and t: x at t + dt, and x + (1 - t) v(x, t), where the velocity points to. */
  step(from: Position, ...condition: ConditionArgument<C>): Promise<Stepped>;
  readonly way: Way;
  /** Calls of the field for one sample. */
  readonly nfe: number;
}

export interface Position {
  readonly x: NdArray;
  readonly t: number;
  readonly dt: number;
}

export interface Stepped {
  readonly x: NdArray;
  readonly endpoint: NdArray;
}

/**
 * Compiles the solution of dx/dt = v(x, t) on a fixed grid for any batch of x0: all steps in one graph, or one step
 * that is called again and again; both give the same bits. Every step takes its times as inputs, so nothing about
 * them is folded. Throws "option" for times that are not a grid, from calls "shape" and "numerical" for such an x0.
 */
export function sampler<P, C = undefined>(options: SamplerOptions<P, C>): Sampler<C> {
  checkTimes("sampler", options.times);
  const { event, times, solver = midpoint } = options;
  const planned = plan<P, C>({ ...options, solver });
  const way = options.way ?? planned.way;
  const compiled = compiledWays(planned, options);
  const lengths = times.slice(1).map((time, i) => time - times[i]!);

  const walk = async (x0: NdArray, condition: unknown, visit: (x: NdArray) => void): Promise<NdArray> => {
    let x = x0;
    for (const [i, dt] of lengths.entries()) {
      x = (await compiled.step(x, column([times[i]!]), column([dt]), condition as never)).x;
      visit(x);
    }
    return x;
  };
  const sample: Sampler<C>["trajectory"] = async (x0, ...[condition]) => {
    checkSamples(x0, event);
    if (way === "steps") return walk(x0, condition, () => {});
    return compiled.whole(x0, column(times.slice(0, -1)), column(lengths), condition as never);
  };
  return Object.assign(sample, {
    trajectory: async (x0: NdArray, ...[condition]: ConditionArgument<C>) => {
      checkSamples(x0, event);
      const states = [x0];
      await walk(x0, condition, (x) => states.push(x));
      return stacked(states);
    },
    step: ({ x, t, dt }: Position, ...[condition]: ConditionArgument<C>) => {
      checkSamples(x, event);
      return compiled.step(x, column([t]), column([dt]), condition as never);
    },
    way,
    nfe: lengths.length * solver.stages,
    [Symbol.dispose]: compiled[Symbol.dispose],
  });
}

function compiledWays<P, C>(
  { step, whole, sizes }: Plan<C>,
  { device, threads, event, times, condition, sizes: wanted }: SamplerOptions<P, C>,
) {
  const common = {
    sizes: wanted ?? sizes,
    capacity: 3,
    ...(device && { device }),
    ...(threads && { threads }),
  };
  const signature = (steps: number) => (batch: number) =>
    [[batch, ...event], [steps], [steps]]
      .map((shape): unknown => ({ shape, dtype: "float32" }))
      .concat(condition?.(batch)) as never;
  const one = batched(step, signature(1), common);
  const all = batched(whole, signature(times.length - 1), common);
  const dispose = () => {
    one[Symbol.dispose]();
    all[Symbol.dispose]();
  };
  return { step: one, whole: all, [Symbol.dispose]: dispose };
}

const column = (values: readonly number[]): NdArray => ndarray(Float32Array.from(values), [values.length]);

function checkSamples(x0: NdArray, event: Shape): void {
  checkState("sampler", x0);
  const { dtype, shape } = x0;
  if (dtype === "float32" && `${shape.slice(1)}` === `${event}`) return;
  throw new AdvectError("shape", "sampler", {
    expected: `x0 to be float32 [batch, ${event}]`,
    got: `${dtype} [${shape}]`,
  });
}

function stacked(states: readonly NdArray[]): NdArray {
  const [{ shape, data }] = states as readonly [NdArray];
  const all = new Float32Array(states.length * data.length);
  states.forEach((state, i) => all.set(state.data as Float32Array, i * data.length));
  return ndarray(all, [states.length, ...shape]);
}
