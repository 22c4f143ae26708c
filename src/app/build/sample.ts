import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { Key } from "../../engine/random/index.ts";
import type { RunOptions } from "../../engine/runtime/index.ts";
import { solve, solveDenoising, solveSde } from "../../flow/index.ts";
import type { Params, Values } from "../../nn/index.ts";
import type { Guidance, Sampling, SolverWords } from "../recipe/index.ts";
import { compiledField, compiledJump } from "./compiled.ts";
import { predictionOf } from "./objective.ts";
import type { Plan } from "./plan.ts";
import { clipOf, controlOf, isOrdinary, ordinary, stochastic, timesOf, transitionOf } from "./solvers.ts";
import type { ToldRows } from "./starts.ts";

export interface SampleRequest extends RunOptions {
  readonly params: Values<Params>;
  /** Where to start, in the units of the model: [count, ...shape]. */
  readonly x0: NdArray;
  readonly told?: ToldRows;
  /** Of the draws of stochastic solvers. */
  readonly key: Key;
  readonly solver: SolverWords;
  readonly steps: number;
  readonly grid?: Sampling["grid"] | undefined;
  readonly guidance?: Guidance | undefined;
}

/** Samples in the units of the model. */
export interface Sampled {
  readonly x: NdArray;
  /** On the way, [times, count, ...shape], where the solver tells. */
  readonly trajectory?: NdArray;
  readonly times: readonly number[];
  /** Calls of the network for each sample; guided calls count twice. */
  readonly nfe: number;
}

/** Samples by the solver that the words name. Throws "option", "shape", "numerical". */
export async function sampleWith(plan: Plan, request: SampleRequest): Promise<Sampled> {
  const { solver, x0, key } = request;
  const trained = { scheduler: plan.scheduler, prediction: predictionOf(plan.recipe.method) };
  const times = timesOf({ solver, grid: request.grid, steps: request.steps, trained });
  const perCall = request.guidance && request.guidance.scale !== 1 ? 2 : 1;
  const transition = transitionOf(solver);
  if (isOrdinary(solver)) {
    using field = compiledField(plan, request, "velocity");
    const { x, trajectory, nfe, reason } = await solve(field.at, x0, {
      times,
      solver: ordinary[solver.kind],
      control: controlOf(solver),
    });
    checkFinished(reason);
    return { x, trajectory, times, nfe: nfe * perCall };
  }
  if (transition) {
    using field = compiledField(plan, request, "network");
    const clip = clipOf(solver);
    const found = await solveDenoising(field.at, x0, { ...trained, times, transition, ...clip, key });
    checkFinished(found.reason);
    return { x: found.x, times, nfe: found.nfe * perCall };
  }
  return solver.kind === "jump"
    ? jumped(plan, request, { times, perCall })
    : diffused(plan, request, { times, perCall });
}

interface Course {
  readonly times: readonly number[];
  readonly perCall: number;
}

async function diffused(plan: Plan, request: SampleRequest, { times, perCall }: Course): Promise<Sampled> {
  const { key, x0 } = request;
  const solver = request.solver as Extract<SolverWords, { kind: keyof typeof stochastic }>;
  const largest = solver.diffusion ?? 1;
  using velocity = compiledField(plan, request, "velocity");
  using score = compiledField(plan, request, "score");
  const diffusion = diffusionOf(plan, largest);
  const field = { velocity: velocity.at, score: score.at, diffusion };
  const { x, nfe, reason } = await solveSde(field, x0, { times, key, solver: stochastic[solver.kind] });
  checkFinished(reason);
  return { x, times, nfe: nfe * perCall };
}

/** A bridge diffuses by its own sigma; other paths by what vanishes at the data. */
function diffusionOf({ recipe: { method } }: Plan, largest: number): (t: number) => number {
  return method.kind === "bridgeMatching" ? () => method.sigma : (t) => largest * (1 - t);
}

async function jumped(plan: Plan, request: SampleRequest, { times, perCall }: Course): Promise<Sampled> {
  using step = compiledJump(plan, request);
  const states = [request.x0];
  for (let i = 0; i + 1 < times.length; i++) {
    states.push(await step.at(states[i]!, times[i]!, times[i + 1]!));
  }
  const count = times.length - 1;
  const data = new Float32Array(states[0]!.data.length * states.length);
  states.forEach((state, i) => data.set(state.data as Float32Array, i * state.data.length));
  return {
    x: states[count]!,
    trajectory: ndarray(data, [states.length, ...request.x0.shape]),
    times,
    nfe: count * perCall,
  };
}

function checkFinished(reason: string): void {
  if (reason === "finished") return;
  throw new AdvectError("numerical", "sampling", {
    expected: "a field that can be followed from t = 0 to 1",
    got: `one that stopped: ${reason}`,
    fix: "Train longer or with a lower learning rate, take more steps, or set sampling.solver to midpoint.",
  });
}
