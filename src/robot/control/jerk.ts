/** Jerk of commands, in units per second cubed, a number for each dimension. */
export interface JerkSummary {
  readonly count: number;
  readonly rms: readonly number[];
  readonly max: readonly number[];
}

export interface JerkMeter {
  /** The command of a tick; `chunk` names the chunk it is from. */
  add(command: ArrayLike<number>, from: { readonly tick: number; readonly chunk: number | undefined }): void;
  /** Of four commands from one chunk, and of four that are not. */
  summary(): { readonly inside: JerkSummary; readonly boundary: JerkSummary };
}

interface Told {
  readonly command: Float64Array;
  readonly tick: number;
  readonly chunk: number | undefined;
}

/** (a_k - 3 a_(k-1) + 3 a_(k-2) - a_(k-3)) / dt^3 of commands at four consecutive ticks. */
export function jerkMeter({
  size,
  stepSeconds,
}: {
  readonly size: number;
  readonly stepSeconds: number;
}): JerkMeter {
  const [inside, boundary] = [sums(size), sums(size)];
  let last: Told[] = [];
  return {
    add(command, { tick, chunk }) {
      const now = { command: Float64Array.from(command), tick, chunk };
      last = last.at(-1)?.tick === tick - 1 ? [...last.slice(-3), now] : [now];
      if (last.length < 4) return;
      const [d, c, b, a] = last.map((told) => told.command) as [Told["command"], ...Told["command"][]];
      const jerk = a!.map((value, i) => (value - 3 * b![i]! + 3 * c![i]! - d[i]!) / stepSeconds ** 3);
      const whole = chunk !== undefined && last.every((told) => told.chunk === chunk);
      (whole ? inside : boundary).add(jerk);
    },
    summary: () => ({ inside: inside.summary(), boundary: boundary.summary() }),
  };
}

function sums(size: number) {
  const squares = new Float64Array(size);
  const max = new Float64Array(size);
  let count = 0;
  return {
    add(jerk: Float64Array) {
      count++;
      jerk.forEach((value, i) => {
        squares[i]! += value ** 2;
        max[i] = Math.max(max[i]!, Math.abs(value));
      });
    },
    summary: (): JerkSummary => ({
      count,
      rms: [...squares].map((sum) => (count === 0 ? 0 : Math.sqrt(sum / count))),
      max: [...max],
    }),
  };
}
