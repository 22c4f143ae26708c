import { AdvectError } from "../../engine/error.ts";
import { checkCount, checkPositive } from "../solver/check.ts";

/** A shift that depends on the image size through mu; "exponential" (default) has factor exp(mu), "linear" mu. */
export interface DynamicShift {
  readonly mu: number;
  readonly form?: "exponential" | "linear";
}

export interface FlowMatchOptions {
  /** > 0; 3 for images of 1024^2 pixels [esser2024]. Default 1, no shift. */
  readonly shift?: number | DynamicShift;
  /** The noise level of the last evaluation, in (0, 1): levels are stretched to end there. Default: where they fall. */
  readonly terminal?: number;
  /**
   * How levels lie between the first and the last, after the shift: "uniform" as shifted (default), "karras" with
   * level^(1/7) in equal steps [karras2022, Eq. 5], "exponential" with log level in equal steps.
   */
  readonly spacing?: "uniform" | "karras" | "exponential";
  /** Levels the model was trained at, whose smallest, 1 / trainSteps, is the last. Default 1000. */
  readonly trainSteps?: number;
}

/**
 * The times of the flow-match Euler and Heun samplers of image models: t = 1 - n for their noise levels n, so steps + 1
 * times from 0 to 1, for `integrate` with `euler` or `heun2`. Levels n go from 1 to 1 / trainSteps in equal steps, become
 * shift n / (1 + (shift - 1) n), are stretched and spaced; the end, n = 0, follows. A constant shift acts twice on the
 * smallest level, as these samplers have it. Their velocity is by n: the negative of ours. Throws "option".
 */
export function flowMatchTimes(steps: number, options: FlowMatchOptions = {}): number[] {
  const { shift = 1, terminal, spacing = "uniform", trainSteps = 1000 } = options;
  checkCount("flowMatchTimes", "steps", steps);
  checkCount("flowMatchTimes", "trainSteps", trainSteps);
  checkTerminal(terminal);
  const factor = factorOf(shift);
  const shifted = (n: number) => (factor * n) / (1 + (factor - 1) * n);
  const smallest = typeof shift === "number" ? shifted(1 / trainSteps) : 1 / trainSteps;
  const plain = line(steps, { from: 1, to: smallest }).map(shifted);
  const levels = spaced(stretched(plain, terminal), spacing);
  return [...levels.map((n) => 1 - n), 1];
}

function factorOf(shift: number | DynamicShift): number {
  const { mu, form = "exponential" } = typeof shift === "number" ? { mu: shift, form: "linear" } : shift;
  const factor = form === "linear" ? mu : Math.exp(mu);
  checkPositive("flowMatchTimes", { shift: factor });
  return factor;
}

/** 1 - c (1 - n), with the c that takes the last level to `terminal`; the first, 1, stays. */
function stretched(levels: readonly number[], terminal: number | undefined): readonly number[] {
  const last = levels.at(-1)!;
  if (terminal === undefined || levels.length === 1) return levels;
  return levels.map((n) => 1 - ((1 - n) * (1 - terminal)) / (1 - last));
}

function spaced(levels: readonly number[], spacing: "uniform" | "karras" | "exponential"): readonly number[] {
  if (spacing === "uniform") return levels;
  const warp: Ends<(value: number) => number> =
    spacing === "karras"
      ? { from: (n) => n ** (1 / 7), to: (root) => root ** 7 }
      : { from: Math.log, to: Math.exp };
  const ends = { from: warp.from(levels[0]!), to: warp.from(levels.at(-1)!) };
  return line(levels.length, ends).map(warp.to);
}

interface Ends<T> {
  readonly from: T;
  readonly to: T;
}

/** `count` numbers in equal steps, both ends included; the first alone when there is one. */
function line(count: number, { from, to }: Ends<number>): number[] {
  return Array.from({ length: count }, (_, i) => from + (to - from) * (i / Math.max(count - 1, 1)));
}

function checkTerminal(terminal: number | undefined): void {
  if (terminal === undefined || (terminal > 0 && terminal < 1)) return;
  throw new AdvectError("option", "flowMatchTimes", { expected: "terminal in (0, 1)", got: terminal });
}
