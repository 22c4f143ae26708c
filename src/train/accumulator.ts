import type { ResultBuffers } from "./buffers.ts";
import { kernelOn } from "./fused.ts";
import type { Planes } from "./planes.ts";

/** The plane that sums gradients, where an update takes more than one batch. */
export const accumulated = "accumulated";

/** Gradients, losses and metrics of the batches of one update. */
export interface Accumulator {
  /** Batches taken in since the last update. */
  readonly count: number;
  /** Takes in what the run just made wrote. */
  add(): void;
  /** The means of losses and metrics. The gradient's plane holds the sum of the gradients. */
  finish(): { readonly loss: number; readonly metrics: Record<string, number> };
  reset(): void;
}

export function accumulator(planes: Planes<string>, results: ResultBuffers): Accumulator {
  const sums = planes.names.includes(accumulated) ? gradientSum(planes) : undefined;
  let count = 0;
  let loss = 0;
  let metrics: Record<string, number> = {};
  return {
    get count() {
      return count;
    },
    add() {
      sums?.add(count === 0);
      loss = count === 0 ? results.loss() : loss + results.loss();
      const found = results.metrics();
      metrics = count === 0 ? found : mapValues(found, (value, name) => value + metrics[name]!);
      count++;
    },
    finish() {
      if (count > 1) sums?.finish();
      return { loss: loss / count, metrics: mapValues(metrics, (value) => value / count) };
    },
    reset() {
      count = 0;
    },
  };
}

/** The first gradient is copied over the sum before it, later ones are added in float32. */
function gradientSum(planes: Planes<string>) {
  const [sum, gradient] = [planes.view(accumulated), planes.view("gradient")];
  const [to, from] = [planes.pointer(accumulated), planes.pointer("gradient")];
  const kernel = kernelOn(planes.memory);
  return {
    add: (first: boolean) => (first ? sum.set(gradient) : kernel.accumulate(to, from, sum.length, 1)),
    finish: () => gradient.set(sum),
  };
}

function mapValues(
  values: Readonly<Record<string, number>>,
  fn: (value: number, name: string) => number,
): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fn(value, name)]));
}
