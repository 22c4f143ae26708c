import { AdvectError } from "../../engine/error.ts";
import {
  cast,
  type Draw,
  isFloat,
  leaves,
  mapTree,
  repeat,
  sameShape,
  type Tensor,
} from "../../engine/tensor/index.ts";
import type { NoisyPath, Path, PathSample } from "../path/index.ts";

/** What a loss is computed from; all that is random is drawn inside the graph unless it is given. */
export interface Pairs<At = Tensor> {
  /** Data [batch, ...event], float, batch >= 1. */
  readonly x1: Tensor;
  /** The source sample of each x1: noise, or other data. Standard normal, drawn as "x0", unless given. */
  readonly x0?: Tensor;
  /** The noise of a NoisyPath, drawn as "z" unless given. */
  readonly z?: Tensor;
  /** When: t, or the interval of a one-step model. */
  readonly at?: At;
}

/**
 * A loss for `trainer({ loss })`: close over the parameters, `(params, x1, draw) => loss((x, t) => model.apply(params,
 * x, t), { x1 }, draw)`. A condition, a tree of [batch, ...], goes through the loss, which may repeat or cut its rows.
 */
export interface MatchingLoss<At = Tensor, Output = Tensor, Loss = Tensor> {
  <C>(
    network: (x: Tensor, at: At, condition: C) => Output,
    pairs: Pairs<At> & { readonly condition: C },
    draw: Draw,
  ): Loss;
  (network: (x: Tensor, at: At) => Output, pairs: Pairs<At>, draw: Draw): Loss;
}

/** Pairs as a loss sees them. */
export type GivenPairs<C, At = Tensor> = Pairs<At> & { readonly condition?: C };

/** Both ends. Throws "shape" unless x1 is a float batch with rows, and the condition has as many. */
export function endsOf<C>(
  where: string,
  { x0, x1, condition }: GivenPairs<C, unknown>,
  draw: Draw,
): { x0: Tensor; x1: Tensor } {
  if (x1.rank === 0 || x1.size === 0 || !isFloat(x1)) {
    throw new AdvectError("shape", where, {
      expected: "float data of shape [batch, ...event], not empty",
      got: `${x1.dtype} [${x1.shape}]`,
    });
  }
  const wrong = leaves<Tensor>(condition).find(({ shape }) => shape[0] !== x1.shape[0]);
  if (wrong) {
    const expected = `conditions of shape [${x1.shape[0]}, ...], a row for each x1`;
    throw new AdvectError("shape", where, { expected, got: wrong.shape });
  }
  return { x1, x0: x0 ?? cast(draw.normal("x0", x1.shape), x1.dtype) };
}

/** Every row `times` times, copies side by side, in all tensors of the tree. */
export function repeated<T>(tree: T, times: number): T {
  return times === 1 ? tree : (mapTree(tree, (x: Tensor) => repeat(x, times, 0)) as T);
}

/** The path at t; a NoisyPath takes z, or draws it. */
export function sampleAt(
  path: Path | NoisyPath,
  { z, ...at }: { readonly x0: Tensor; readonly x1: Tensor; readonly t: Tensor; readonly z?: Tensor },
  draw: Draw,
): PathSample {
  if (!("spread" in path)) return path.sample(at);
  return path.sample({ ...at, z: z ?? cast(draw.normal("z", at.x1.shape), at.x1.dtype) });
}

/** The network's answer. Throws "shape" unless it has the shape of x. */
export function answered(where: string, answer: Tensor, x: Tensor): Tensor {
  if (sameShape(answer.shape, x.shape)) return answer;
  const expected = `a network that returns the shape of x, [${x.shape}]`;
  throw new AdvectError("shape", where, { expected, got: answer.shape });
}

/** Throws "option" naming the first option that is not in its range. */
export function checkOptions(
  where: string,
  options: Readonly<Record<string, readonly [value: number, valid: boolean, range: string]>>,
): void {
  for (const [name, [value, valid, range]] of Object.entries(options)) {
    if (valid && Number.isFinite(value)) continue;
    throw new AdvectError("option", where, { expected: `${name} ${range}`, got: value });
  }
}
