import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { exportLoop, exportOnnx, type Signature, spec } from "../../engine/runtime/index.ts";
import type { Tensor } from "../../engine/tensor/index.ts";
import { checkCount, checkTimes } from "./check.ts";
import { integrate } from "./integrate.ts";
import { midpoint } from "./methods.ts";
import { plan, type SamplingProblem, spread, type Way } from "./sampling.ts";

export interface SamplerExport<P, C> extends Omit<SamplingProblem<P, C>, "solver"> {
  /** Samples that one run draws. */
  readonly batch: number;
  /** Default: `midpoint`. */
  readonly solver?: SamplingProblem<P, C>["solver"];
  /** "graph" unrolls all steps, "steps" writes a Loop. Default: as for `sampler`. */
  readonly way?: Way;
  /** Use only operations of ONNX itself, for other runtimes than ONNX Runtime. Default false. */
  readonly standard?: boolean;
}

/**
 * The bytes of an ONNX file that draws what `sampler` draws: x0 [batch, ...event] and condition (a tree's leaves are
 * "condition.path") -> x. A long sampler becomes a Loop around one step: the parameters are in the file once, and each
 * step adds its two times. Throws "option" for times that are not a grid and a batch that is not a count.
 */
export function exportSampler<P, C = undefined>(request: SamplerExport<P, C>): Uint8Array {
  const { params, event, times, solver = midpoint, condition, batch, standard = false } = request;
  checkTimes("exportSampler", times);
  checkCount("exportSampler", "batch", batch);
  const way = request.way ?? plan<P, C>({ ...request, solver }).way;
  const state = spec([batch, ...event]);
  const told = condition?.(batch);
  const common = { params, standard, inputNames: ["x0", "condition"] };
  if (way === "graph") {
    const signature = [state, told] as unknown as Signature<[Tensor, C]>;
    return exportOnnx({ ...common, fn: unrolled({ ...request, solver }), signature, outputNames: ["x"] });
  }
  const step = (p: P, x: Tensor, { t, dt }: { t: Tensor; dt: Tensor }, given: C) =>
    solver.step(request.field(p, given), x, spread(t, x), spread(dt, x));
  const signature = [told] as unknown as Signature<[C]>;
  return exportLoop({ ...common, step, state, tables: tables(times), signature, outputName: "x" });
}

function unrolled<P, C>({ field, times, solver }: SamplingProblem<P, C>) {
  return (params: P, x0: Tensor, condition: C) =>
    integrate(field(params, condition), x0, { times, solver }).x;
}

function tables(times: readonly number[]): { t: NdArray; dt: NdArray } {
  const column = (values: readonly number[]) => ndarray(Float32Array.from(values), [values.length, 1]);
  return { t: column(times.slice(0, -1)), dt: column(times.slice(1).map((time, i) => time - times[i]!)) };
}
