import { type NdArray, safetensorsBytes } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { exportOnnx, random, type Signature, spec } from "../../engine/runtime/index.ts";
import {
  add,
  cast,
  constant,
  type Draw,
  div,
  filled,
  greaterEqual,
  mul,
  namedLeaves,
  sub,
  type Tensor,
  where,
} from "../../engine/tensor/index.ts";
import { alongEvent, denoise, exportSampler, type Stepper } from "../../flow/index.ts";
import type { Params } from "../../nn/index.ts";
import { fieldsOf, leap } from "../build/fields.ts";
import type { Told } from "../build/network.ts";
import { predictionOf } from "../build/objective.ts";
import { clipOf, isAdaptive, isOrdinary, ordinary, timesOf, transitionOf } from "../build/solvers.ts";
import { affineOf } from "../build/units.ts";
import { recipeText } from "../recipe/index.ts";
import type { LoadedRun } from "./load.ts";

export interface ExportOptions {
  /** "sampler" (default): x0 -> x, all steps; "field": x, t -> velocity. */
  readonly what?: "sampler" | "field";
  /** Samples that one run of the file draws; 64 unless given. */
  readonly batch?: number;
  /** Use only operations of ONNX itself, for other runtimes than ONNX Runtime. Default false. */
  readonly standard?: boolean;
}

/**
 * The bytes of an ONNX file that samples as the recipe says: from x0, standard normal [batch, ...shape], to x in the units
 * of the data; guided, and told condition.labels (int32 [batch]) or condition.vector where the model is. As a field: the
 * velocity at x and t [batch], in those units. ddpm takes its noise as inputs. Throws "unsupported" for solvers that choose
 * their steps or are no graph.
 */
export function exportRun(run: LoadedRun, options: ExportOptions = {}): Uint8Array {
  const { what = "sampler", batch = 64 } = options;
  if (what === "field") return fieldFile(run, { ...options, batch });
  const { solver } = run.recipe.sampling;
  if (isOrdinary(solver) && !isAdaptive(solver)) return ordinaryFile(run, { ...options, batch });
  if (transitionOf(solver) || solver.kind === "jump") return unrolledFile(run, { ...options, batch });
  throw new AdvectError("unsupported", "export", {
    expected: "a solver with fixed steps: euler, midpoint, heun2, rk4, ddim, ddpm or jump",
    got: solver.kind,
    fix: "Set another one: --set sampling.solver=midpoint.",
  });
}

type FileOptions = ExportOptions & { readonly batch: number };

/** The parameters with their names, and the recipe, for safetensors readers. */
export function exportParameters({ params, recipe, units }: LoadedRun): Uint8Array {
  const stats = Object.entries(units.stats).map(([name, array]) => [`stats.${name}`, array] as const);
  return safetensorsBytes({
    tensors: Object.fromEntries([...namedLeaves<NdArray>(params), ...stats]),
    metadata: { recipe: recipeText(recipe) },
  });
}

function ordinaryFile(run: LoadedRun, { batch, standard = false }: FileOptions): Uint8Array {
  const { plan, params, sizes, recipe } = run;
  const told = specOfTold(run);
  const solver = ordinary[recipe.sampling.solver.kind as keyof typeof ordinary];
  return exportSampler<Params, Told>({
    params: params as never,
    field: (given, condition = {}) =>
      fieldsOf(plan, { params: given, told: condition, guidance: recipe.sampling.guidance }).velocity,
    event: sizes.shape,
    times: timesIn(run),
    solver: arriving(run, solver),
    ...(told && { condition: told as never }),
    batch,
    standard,
  });
}

/** x0 -> x for the rules of diffusion models and for jumps. */
function unrolledFile(run: LoadedRun, { batch, standard = false }: FileOptions): Uint8Array {
  const { plan, recipe, sizes, params } = run;
  const { solver, guidance } = recipe.sampling;
  const transition = transitionOf(solver);
  const times = timesIn(run);
  const told = specOfTold(run)?.(batch);
  const stochastic = solver.kind === "ddpm" || (solver.kind === "ddim" && (solver.eta ?? 0) > 0);
  const sample = (given: Params, x0: Tensor, condition: Told | undefined, draw: Draw) => {
    const fields = fieldsOf(plan, { params: given, told: condition ?? {}, guidance });
    if (!transition) return inDataUnits(run, jumps(fields.average, x0, times));
    return inDataUnits(
      run,
      denoise(fields.network, x0, { ...fields.trained, ...clipOf(solver), times, transition, draw }).x,
    );
  };
  const rows = spec([batch, ...sizes.shape]);
  const inputs = told ? [rows, told] : [rows];
  const fn = told
    ? (p: Params, x0: Tensor, condition: Told, draw: Draw) => sample(p, x0, condition, draw)
    : (p: Params, x0: Tensor, draw: Draw) => sample(p, x0, undefined, draw);
  return exportOnnx({
    fn: fn as never,
    params: params as never,
    signature: (stochastic ? [...inputs, random] : inputs) as never,
    inputNames: told ? ["x0", "condition"] : ["x0"],
    outputNames: ["x"],
    standard,
  });
}

function jumps(average: Parameters<typeof leap>[0], x0: Tensor, times: readonly number[]): Tensor {
  const at = (time: number) => filled(x0.shape.slice(0, 1), time, x0.dtype);
  return times.slice(1).reduce((x, to, i) => leap(average, x, at(times[i]!), at(to)), x0);
}

function fieldFile(run: LoadedRun, { batch, standard = false }: FileOptions): Uint8Array {
  const { plan, params, sizes, recipe } = run;
  const told = specOfTold(run)?.(batch);
  const { shift, scale } = affineOf(run.units, sizes.shape);
  const velocity = (given: Params, x: Tensor, t: Tensor, condition: Told = {}) => {
    const fields = fieldsOf(plan, { params: given, told: condition, guidance: recipe.sampling.guidance });
    const inside = div(sub(x, constant(shift)), constant(scale));
    return mul(fields.velocity(inside, t), constant(scale));
  };
  const rows = spec([batch, ...sizes.shape]);
  return exportOnnx({
    fn: velocity as never,
    params: params as never,
    signature: [rows, spec([batch]), ...(told ? [told] : [])] as unknown as Signature<[]>,
    inputNames: ["x", "t", "condition"],
    outputNames: ["velocity"],
    standard,
  });
}

function timesIn({ plan, recipe: { sampling, method } }: LoadedRun): number[] {
  const trained = { scheduler: plan.scheduler, prediction: predictionOf(method) };
  return timesOf({ solver: sampling.solver, grid: sampling.grid, steps: sampling.steps, trained });
}

function specOfTold({ sizes: { classes, conditionSize } }: LoadedRun) {
  if (classes === 0 && conditionSize === 0) return undefined;
  return (batch: number) => ({
    ...(classes > 0 && { labels: spec([batch], "int32") }),
    ...(conditionSize > 0 && { vector: spec([batch, conditionSize]) }),
  });
}

function inDataUnits({ units, sizes }: LoadedRun, y: Tensor): Tensor {
  const { shift, scale } = affineOf(units, sizes.shape);
  return add(mul(y, constant(scale)), constant(shift));
}

/** The solver, which changes into the units of the data on arrival: a loop has no place behind its last step. */
function arriving(run: LoadedRun, solver: Stepper): Stepper {
  if (Object.keys(run.units.stats).length === 0) return solver;
  const last = timesIn(run).at(-1)!;
  return {
    ...solver,
    step: (field, x, t, dt) => {
      const y = solver.step(field, x, t, dt);
      const arrived = cast(greaterEqual(add(t, dt), last - 1e-6), y.dtype);
      const there = alongEvent("export", arrived, y);
      return where(greaterEqual(there, 0.5), inDataUnits(run, y), y);
    },
  };
}
