import { ndarray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import {
  add,
  cast,
  clip,
  constant,
  type Draw,
  filled,
  interpret,
  mul,
  sameShape,
  type Tensor,
} from "../../engine/tensor/index.ts";
import { type Coefficients, type Endpoints, endpoints, type Scheduler } from "../path/index.ts";
import { checkPositive, checkTimes } from "../solver/check.ts";
import { diffusionEnds, type Network, type Trained } from "./prediction.ts";
import { ddim, type Transition, type TransitionWeights } from "./transition.ts";

export interface Denoising extends Trained {
  /** Rising, in [0, 1]; one evaluation of the network at each but the last. See `spacedTimes` and the grids of flow/solver. */
  readonly times: readonly number[];
  /** Default: ddim(). */
  readonly transition?: Transition;
  /**
   * The predicted data are held in [-clip, clip], and the noise is what then explains xt. Default: not. A network for the
   * noise needs it where alpha begins near 0, as with `squaredCosineBetas`: its errors are divided by alpha.
   */
  readonly clip?: number;
}

export interface Denoised {
  /** At the last time, of the shape of x0. */
  readonly x: Tensor;
  /** The data as predicted by the last evaluation. */
  readonly x1: Tensor;
  /** Calls of the network. */
  readonly nfe: number;
}

/**
 * Samples by the transitions of DDPM, DDIM and their like, unrolled in the graph: at every time the network's prediction
 * is solved for x1 and x0, and x moves to the next level [ho2020; song2021a]. x0: [batch, ...event] at the first time,
 * noise of variance sigma^2. Transition i draws `noise i`; deterministic ones draw nothing and need no `draw`. Any
 * scheduler will do; a network for the noise says nothing where alpha is 0, so start after that. Throws "option", "shape".
 */
export function denoise(
  network: Network,
  x0: Tensor,
  options: Denoising & { readonly draw?: Draw },
): Denoised {
  const moves = plan(options);
  let state = { x: x0, x1: x0 };
  for (const [i, move] of moves.entries()) {
    const { x } = state;
    const value = checked(network(x, filled(x.shape.slice(0, 1), move.t, x.dtype)), x);
    const noise = move.weights.std > 0 ? drawn(options.draw, noiseName(i), x) : undefined;
    state = moved({ x, value, ...(noise && { noise }) }, move, options);
  }
  return { ...state, nfe: moves.length };
}

function checked(value: Tensor, x: Tensor): Tensor {
  if (sameShape(value.shape, x.shape)) return value;
  throw new AdvectError("shape", "denoise", {
    expected: `a network that returns the shape of x, [${x.shape}]`,
    got: value.shape,
  });
}

/** What transition i is: where it starts, its weights, and the scheduler as constants of that time. */
export interface Move {
  readonly t: number;
  readonly weights: TransitionWeights;
  readonly scheduler: Scheduler;
}

/** The name of the draw of transition i, in the graph and of the key. */
export const noiseName = (i: number): string => `noise ${i}`;

/** All numbers of a sampler, in float64 and before anything runs. Throws "option". */
export function plan({ scheduler, times, transition = ddim(), clip: limit = 1 }: Denoising): Move[] {
  checkTimes("denoise", times);
  checkPositive("denoise", { clip: limit });
  if (!(times[0]! >= 0 && times.at(-1)! <= 1 && times[0]! < times[1]!)) {
    throw new AdvectError("option", "denoise", {
      expected: "times that rise within [0, 1]",
      got: [...times],
      fix: "Time runs from 0 (noise) to 1 (data); spacedTimes converts steps.",
    });
  }
  const levels = levelsAt(scheduler, times);
  return times.slice(0, -1).map((t, i) => {
    const [from, to] = [levels[i]!, levels[i + 1]!];
    return { t, weights: transition.weights({ from, to }), scheduler: still(scheduler, from) };
  });
}

type Numbers = Readonly<Record<keyof Coefficients, number>>;

/** The coefficients at the times, in float64. */
function levelsAt(scheduler: Scheduler, times: readonly number[]): Numbers[] {
  const t = ndarray(Float64Array.from(times), [times.length], "float64");
  const c = interpret((time: Tensor) => scheduler.at(time), t);
  return times.map((_, i) => ({
    alpha: c.alpha.data[i]!,
    sigma: c.sigma.data[i]!,
    dAlpha: c.dAlpha.data[i]!,
    dSigma: c.dSigma.data[i]!,
  }));
}

/** The scheduler at one time: scalars, so that graphs neither compute nor round them for every sample. */
function still(scheduler: Scheduler, numbers: Numbers): Scheduler {
  return {
    ...scheduler,
    at: ({ dtype }) => ({
      alpha: constant(numbers.alpha, dtype),
      sigma: constant(numbers.sigma, dtype),
      dAlpha: constant(numbers.dAlpha, dtype),
      dSigma: constant(numbers.dSigma, dtype),
    }),
  };
}

interface Evaluated {
  readonly x: Tensor;
  /** The network's prediction there. */
  readonly value: Tensor;
  readonly noise?: Tensor;
}

/** x at the next level, and the data that it heads for. */
export function moved(
  { x, value, noise }: Evaluated,
  { t, weights, scheduler }: Move,
  { prediction, clip: limit }: Pick<Denoising, "prediction" | "clip">,
): { x: Tensor; x1: Tensor } {
  const at = { xt: x, t: filled(x.shape.slice(0, 1), t, x.dtype) };
  const free = diffusionEnds(scheduler, { prediction, value, ...at });
  const { x0, x1 } = limit === undefined ? free : held(free, limit, { scheduler, ...at });
  const mean = add(mul(x1, weights.target), mul(x0, weights.noise));
  return { x: noise ? add(mean, mul(noise, weights.std)) : mean, x1 };
}

function held(
  { x1 }: Endpoints,
  limit: number,
  { scheduler, xt, t }: { readonly scheduler: Scheduler; readonly xt: Tensor; readonly t: Tensor },
): Endpoints {
  return endpoints(scheduler, {
    prediction: "target",
    value: clip(x1, { low: -limit, high: limit }),
    xt,
    t,
  });
}

function drawn(draw: Draw | undefined, name: string, x: Tensor): Tensor {
  if (draw) return cast(draw.normal(name, x.shape), x.dtype);
  throw new AdvectError("option", "denoise", {
    expected: "a draw, since this transition adds noise",
    got: "none",
    fix: "Compile with `random` in the signature and pass the Draw on, or use ddim({ eta: 0 }).",
  });
}
