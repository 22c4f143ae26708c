import type { NdArray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";

/** Throws "option" unless there are two times or more, all finite, ascending or descending. */
export function checkTimes(where: string, times: readonly number[]): void {
  const sign = Math.sign(times[1]! - times[0]!);
  const monotone = times.every((time, i) => i === 0 || (time - times[i - 1]!) * sign > 0);
  if (times.length >= 2 && times.every(Number.isFinite) && monotone) return;
  throw new AdvectError("option", where, {
    expected: "two or more finite times, strictly ascending or strictly descending",
    got: [...times],
    fix: "Use uniformGrid(steps), or [0, 1] for a solver that chooses its own steps.",
  });
}

/** Throws "option" unless every value is finite and > 0. */
export function checkPositive(where: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (Number.isFinite(value) && value > 0) continue;
    throw new AdvectError("option", where, { expected: `a finite ${name} > 0`, got: value });
  }
}

/** Throws "option" unless the count is a whole number >= 1. */
export function checkCount(where: string, name: string, count: number): void {
  if (Number.isSafeInteger(count) && count >= 1) return;
  throw new AdvectError("option", where, { expected: `${name} to be a whole number >= 1`, got: count });
}

/** Throws "shape" unless x is float [batch, ...event] with elements, "numerical" when one of them is not finite. */
export function checkState(where: string, x: NdArray): void {
  if ((x.dtype !== "float32" && x.dtype !== "float64") || x.shape.length === 0 || x.data.length === 0) {
    throw new AdvectError("shape", where, {
      expected: "float32 or float64 of shape [batch, ...event], not empty",
      got: `${x.dtype} [${x.shape}]`,
    });
  }
  const wrong = x.data.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return;
  throw new AdvectError("numerical", where, {
    expected: "finite numbers to start from",
    got: `${x.data[wrong]} at element ${wrong}`,
  });
}
