import {
  add,
  cast,
  concat,
  type Draw,
  floor,
  lessEqual,
  mapTree,
  mean,
  mul,
  pow,
  slice,
  stopGradient,
  sub,
  type Tensor,
  where,
} from "../../engine/tensor/index.ts";
import { alongEvent } from "../field/index.ts";
import { affine, condOT, type Path, type TimeSampler, uniformTime } from "../path/index.ts";
import { squaredError } from "./flow-matching.ts";
import type { AverageVelocity, Interval } from "./jump.ts";
import { answered, checkOptions, endsOf, type GivenPairs, type MatchingLoss } from "./pairs.ts";

export interface ShortcutOptions {
  /** Default: affine(condOT). */
  readonly path?: Path;
  /** Of the samples that learn the velocity; default: uniformTime. */
  readonly time?: TimeSampler;
  /** Jumps have the lengths 1, 1/2 ... 1 / 2^(levels - 1); default 7. */
  readonly levels?: number;
  /** The share of the batch that learns jumps, in (0, 1); default 0.25. At least one sample learns either. */
  readonly share?: number;
}

/**
 * A shortcut model [frans2025]: part of the batch learns that a jump is two jumps of half its length, the rest the
 * velocity, as in flow matching. The first round(share x batch) rows jump, from multiples of their length; the halves of
 * the shortest jumps are velocities. A given `at` is the interval of each row. Throws "option" here; the loss throws
 * "shape" and, for less than two rows, "option".
 */
export function shortcut(options: ShortcutOptions = {}): MatchingLoss<Interval> {
  const { path = affine(condOT), time = uniformTime, levels = 7, share = 0.25 } = options;
  checkOptions("shortcut", {
    levels: [levels, Number.isSafeInteger(levels) && levels >= 1 && levels <= 20, "from 1 to 20"],
    share: [share, share > 0 && share < 1, "in (0, 1)"],
  });
  return <C>(
    network: (x: Tensor, interval: Interval, condition: C) => Tensor,
    pairs: GivenPairs<C, Interval>,
    draw: Draw,
  ): Tensor => {
    const ends = endsOf("shortcut", pairs, draw);
    const jumping = jumpingRows(pairs.x1.shape[0]!, share);
    const interval = pairs.at ?? drawnIntervals(pairs.x1, { jumping, levels, time, draw });
    const { xt, velocity } = path.sample({ ...ends, t: interval.from });
    const value = answered("shortcut", network(xt, interval, pairs.condition as C), xt);
    const top = <T>(tree: T) => mapTree(tree, (x: Tensor) => slice(x, { axis: 0, stop: jumping })) as T;
    const condition = top(pairs.condition) as C;
    const halved = twoHalves((x, span) => network(x, span, condition), top(xt), {
      ...top(interval),
      shortest: 2 ** (1 - levels),
    });
    const target = concat([stopGradient(halved), slice(velocity, { axis: 0, start: jumping })]);
    return mean(squaredError(value, target, interval.from));
  };
}

/**
 * The average velocity over an interval from those of its halves, (u(x, first half) + u(x', second half)) / 2 where x'
 * is where the first leads [frans2025, Eq. 5]. Halves of intervals up to `shortest` are velocities, asked with to = from.
 */
export function twoHalves(
  average: AverageVelocity,
  x: Tensor,
  { from, to, shortest = 0 }: Interval & { readonly shortest?: number },
): Tensor {
  const half = mul(sub(to, from), 0.5);
  const asked = shortest > 0 ? where(lessEqual(half, 0.75 * shortest), 0, half) : half;
  const middle = add(from, half);
  const first = average(x, { from, to: add(from, asked) });
  const next = add(x, mul(first, alongEvent("shortcut", half, x)));
  return mul(add(first, average(next, { from: middle, to: add(middle, asked) })), 0.5);
}

function jumpingRows(batch: number, share: number): number {
  checkOptions("shortcut", { batch: [batch, batch >= 2, "of at least 2 rows"] });
  return Math.min(Math.max(Math.round(share * batch), 1), batch - 1);
}

/** Rows that jump by 2^-k, from j 2^-k to (j + 1) 2^-k with k and j uniform; the others stay where they are. */
function drawnIntervals(
  { shape, dtype }: Tensor,
  {
    jumping,
    levels,
    time,
    draw,
  }: Required<Pick<ShortcutOptions, "levels" | "time">> & {
    readonly jumping: number;
    readonly draw: Draw;
  },
): Interval {
  const count = pow(2, floor(mul(draw.uniform("level", [jumping]), levels)));
  const length = pow(count, -1);
  const start = mul(floor(mul(draw.uniform("start", [jumping]), count)), length);
  const still = time.sample(draw, [shape[0]! - jumping]);
  const from = cast(concat([start, still]), dtype);
  return { from, to: cast(concat([add(start, length), still]), dtype) };
}
