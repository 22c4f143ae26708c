import type { NdArray } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";

/** Commands as they were sent, a chunk of them after another. */
export interface Motion {
  /** [steps, dimensions]. */
  readonly actions: NdArray;
  /** Rows that are the first of a chunk. */
  readonly chunkStarts: readonly number[];
  readonly stepSeconds: number;
}

/** A mean, and over how many; the mean of none is 0. */
export interface CountedMean {
  readonly mean: number;
  readonly count: number;
}

export interface Smoothness {
  /** Mean length of the third difference of four actions of one chunk, in units per second cubed. */
  readonly inside: CountedMean;
  /** Of four actions of which not all are of one chunk. */
  readonly boundary: CountedMean;
}

/** |a_i+3 - 3 a_i+2 + 3 a_i+1 - a_i| / dt^3, the jerk of the commands, apart for inside of chunks and between them. Throws "shape", "option". */
export function smoothness({ actions, chunkStarts, stepSeconds }: Motion): Smoothness {
  check({ actions, stepSeconds, chunkStarts });
  const [steps, size] = actions.shape as [number, number];
  const inside = { sum: 0, count: 0 };
  const boundary = { sum: 0, count: 0 };
  const isStart = new Set(chunkStarts);
  for (let i = 0; i + 3 < steps; i++) {
    const crossed = isStart.has(i + 1) || isStart.has(i + 2) || isStart.has(i + 3);
    const side = crossed ? boundary : inside;
    side.sum += thirdDifference(actions.data, size * i, size) / stepSeconds ** 3;
    side.count++;
  }
  return { inside: meanOf(inside), boundary: meanOf(boundary) };
}

/** The same of several motions together. */
export function joinedMeans(parts: readonly CountedMean[]): CountedMean {
  return meanOf(
    parts.reduce((all, { mean, count }) => ({ sum: all.sum + mean * count, count: all.count + count }), {
      sum: 0,
      count: 0,
    }),
  );
}

const meanOf = ({ sum, count }: { readonly sum: number; readonly count: number }): CountedMean => ({
  mean: count === 0 ? 0 : sum / count,
  count,
});

function thirdDifference(data: NdArray["data"], at: number, size: number): number {
  let squared = 0;
  for (let k = at; k < at + size; k++) {
    const difference = data[k + 3 * size]! - 3 * data[k + 2 * size]! + 3 * data[k + size]! - data[k]!;
    squared += difference * difference;
  }
  return Math.sqrt(squared);
}

function check({ actions: { shape }, stepSeconds }: Motion): void {
  if (shape.length !== 2) {
    throw new AdvectError("shape", "smoothness", {
      expected: "actions of shape [steps, dimensions]",
      got: shape,
    });
  }
  if (!(stepSeconds > 0)) {
    throw new AdvectError("option", "smoothness", { expected: "stepSeconds > 0", got: stepSeconds });
  }
}
