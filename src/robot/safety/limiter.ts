import { AdvectError } from "../../engine/error.ts";
import type { ActionDimension } from "./action-dimension.ts";
import { longestStep } from "./braking.ts";
import { checkDimensions, type SafeTorques } from "./check-dimensions.ts";

/** A command that was not given as wanted. */
export interface Clamp {
  readonly dimension: string;
  readonly wanted: number;
  readonly given: number;
  /** The limit that stood nearest; "range" also where braking before its end begins. "finite": NaN and the infinities mean nothing, and are taken as the safe action. */
  readonly limit: "finite" | "range" | "rate" | "acceleration";
}

export interface LimitedAction {
  /** [dimensions], in the units of the spec; a fresh array. */
  readonly action: Float64Array;
  readonly clamps: readonly Clamp[];
}

export interface LimiterOptions {
  readonly action: readonly ActionDimension[];
  /** Time between two commands, > 0. */
  readonly stepSeconds: number;
  /** What is safe for dimensions of kind "torque", by name; each needs one. */
  readonly safeTorques?: SafeTorques;
}

/** All that goes out to a robot goes through here, one call for each control period. */
export interface Limiter {
  /** The last command, or where `start` put it; a copy. */
  readonly command: Float64Array;
  /**
   * Forgets what was commanded: begins at rest, at the measured position, at velocity and delta 0, at the safe torque.
   * `position` is read for dimensions of kind "position" only. A position outside of its range begins at the range's
   * end, and is reported. Throws "numerical" for one that is not finite.
   */
  start(position: ArrayLike<number>): readonly Clamp[];
  /** The next command. Throws "option" before `start`, "shape". */
  limit(wanted: ArrayLike<number>): LimitedAction;
  /**
   * The safe action: positions come to rest as soon as they may and then hold, deltas and velocities go to 0, torques to
   * their safe command, all within the limits and without overshooting where the limits allow. Throws "option" before `start`.
   */
  rest(): Float64Array;
}

/**
 * Keeps commands c within each dimension's range, rate |c' - c| / dt, and acceleration |(c' - c) - (c - c_before)| / dt^2,
 * dt = `stepSeconds`, to rounding. A wanted command that keeps them is given to the bit; one that does not is approached,
 * as fast as can be without overshooting, at the speed at which the wanted commands move. The three limits never
 * contradict each other, because the range is kept by braking in time: no step is longer than `longestStep` to its end.
 * Only `start` knows a conflict, a robot that stands outside of its range: the range wins. Throws "option" for
 * dimensions without a range or a safe action.
 */
export function limiter({ action, stepSeconds, safeTorques = {} }: LimiterOptions): Limiter {
  checkDimensions("limiter", { action, safeTorques });
  if (!(stepSeconds > 0 && stepSeconds < Number.POSITIVE_INFINITY)) {
    throw new AdvectError("option", "limiter", { expected: "stepSeconds > 0", got: stepSeconds });
  }
  const axes = action.map((dimension) => axisOf(dimension, stepSeconds));
  const command = new Float64Array(axes.length);
  const step = new Float64Array(axes.length);
  const wantedBefore = new Float64Array(axes.length).fill(Number.NaN);
  let started = false;

  const restOf = ({ dimension: { kind, name } }: Axis, i: number): number => {
    if (kind === "position") return command[i]!;
    return kind === "torque" ? safeTorques[name]! : 0;
  };
  const restWish = (axis: Axis, i: number): Wish => {
    return { from: command[i]!, step: step[i]!, to: restOf(axis, i), drift: 0 };
  };
  const wishFor = (axis: Axis, i: number, to: number): Wish => {
    if (!Number.isFinite(to)) return restWish(axis, i);
    const drift = to - wantedBefore[i]!;
    return { from: command[i]!, step: step[i]!, to, drift: Number.isFinite(drift) ? drift : 0 };
  };
  const give = (i: number, { given, wanted }: { readonly given: number; readonly wanted: number }) => {
    step[i] = given - command[i]!;
    command[i] = given;
    wantedBefore[i] = wanted;
  };

  return {
    get command() {
      return command.slice();
    },
    start(position) {
      const wanted = axes.map(({ dimension: { kind, name } }, i) =>
        kind === "position" ? position[i]! : kind === "torque" ? safeTorques[name]! : 0,
      );
      wanted.forEach((value, i) => {
        if (!Number.isFinite(value)) throw notMeasured(action[i]!.name, value);
      });
      started = true;
      step.fill(0);
      wantedBefore.fill(Number.NaN);
      return action.flatMap(({ name, low, high }, i): Clamp[] => {
        command[i] = clip(wanted[i]!, [low, high]);
        const same = command[i] === wanted[i];
        return same ? [] : [{ dimension: name, wanted: wanted[i]!, given: command[i]!, limit: "range" }];
      });
    },
    limit(wanted) {
      if (!started) throw notStarted("limiter.limit");
      if (wanted.length !== axes.length) throw wrongLength(axes.length, wanted.length);
      const clamps: Clamp[] = [];
      axes.forEach((axis, i) => {
        const wish = wishFor(axis, i, wanted[i]!);
        const given = nextCommand(axis, wish);
        if (given !== wanted[i]) clamps.push(clampOf(axis, { wish, given, wanted: wanted[i]! }));
        give(i, { given, wanted: wanted[i]! });
      });
      return { action: command.slice(), clamps };
    },
    rest() {
      if (!started) throw notStarted("limiter.rest");
      axes.forEach((axis, i) => give(i, { given: nextCommand(axis, restWish(axis, i)), wanted: Number.NaN }));
      return command.slice();
    },
  };
}

/** A dimension with its limits for one step. */
interface Axis {
  readonly dimension: ActionDimension;
  /** The largest step, and the largest change of the step. */
  readonly length: number;
  readonly change: number;
}

interface Wish {
  readonly from: number;
  /** The step before. */
  readonly step: number;
  readonly to: number;
  /** How far the wanted command has moved since the last one. */
  readonly drift: number;
}

function axisOf(dimension: ActionDimension, stepSeconds: number): Axis {
  const { maxRate = Number.POSITIVE_INFINITY, maxAcceleration = Number.POSITIVE_INFINITY } = dimension;
  return { dimension, length: maxRate * stepSeconds, change: maxAcceleration * stepSeconds ** 2 };
}

/** How far the next command may be, up and down, by each limit. */
function bounds({ dimension: { low, high }, length, change }: Axis, { from, step }: Wish) {
  return {
    range: [-longestStep({ room: from - low, change }), longestStep({ room: high - from, change })],
    rate: [-length, length],
    acceleration: [step - change, step + change],
  } as const;
}

function nextCommand(axis: Axis, wish: Wish): number {
  const all = Object.values(bounds(axis, wish));
  const least = wish.from + Math.max(...all.map(([down]) => down));
  const most = wish.from + Math.min(...all.map(([, up]) => up));
  const keeps = wish.to >= least && wish.to <= most && Math.abs(gapOf(wish)) <= axis.change;
  const next = keeps ? wish.to : clip(approach(axis, wish), [least, most]);
  return clip(next, [axis.dimension.low, axis.dimension.high]);
}

/** Moves along with what is wanted, and catches up with it by the longest step that does not overshoot. */
function approach({ change }: Axis, wish: Wish): number {
  const gap = gapOf(wish);
  return wish.from + wish.drift + Math.sign(gap) * longestStep({ room: Math.abs(gap), change });
}

/** How far the last command was from what was wanted then: a step that closes it must be stopped by the next one. */
const gapOf = ({ from, to, drift }: Wish) => to - drift - from;

function clip(value: number, [low, high]: readonly [number, number]): number {
  return Math.min(Math.max(value, low), high);
}

const limits = ["range", "rate", "acceleration"] as const;

interface Clamped {
  readonly wish: Wish;
  readonly wanted: number;
  readonly given: number;
}

function clampOf(axis: Axis, { wish, wanted, given }: Clamped): Clamp {
  const clamp = { dimension: axis.dimension.name, wanted, given };
  if (!Number.isFinite(wanted)) return { ...clamp, limit: "finite" };
  const ends = bounds(axis, wish);
  const up = limits.reduce((best, limit) => (ends[limit][1] < ends[best][1] ? limit : best));
  const down = limits.reduce((best, limit) => (ends[limit][0] > ends[best][0] ? limit : best));
  if (wish.to > wish.from + ends[up][1]) return { ...clamp, limit: up };
  return { ...clamp, limit: wish.to < wish.from + ends[down][0] ? down : "acceleration" };
}

function notStarted(where: string): AdvectError {
  return new AdvectError("option", where, {
    expected: "a limiter that knows where the robot is",
    got: "none",
    fix: "Call start with the measured position first.",
  });
}

function notMeasured(name: string, got: number): AdvectError {
  return new AdvectError("numerical", "limiter.start", { expected: `a finite position of "${name}"`, got });
}

function wrongLength(expected: number, got: number): AdvectError {
  return new AdvectError("shape", "limiter.limit", { expected: `${expected} numbers`, got });
}
