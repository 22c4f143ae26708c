import { describe, expect, test } from "vitest";
import { ndarray } from "../../src/engine/array/index.ts";
import { pathEnergy, straightness } from "../../src/metrics/index.ts";

type Path = (t: number) => readonly number[];

/** Paths at some times as [times, batch, size]. */
function along(paths: readonly Path[], times: readonly number[]) {
  const data = Float64Array.from(times.flatMap((t) => paths.flatMap((path) => path(t))));
  return { trajectory: ndarray(data, [times.length, paths.length, paths[0]!(0).length]), times };
}

const grid = (count: number) => Array.from({ length: count + 1 }, (_, i) => i / count);
const circle: Path = (t) => [Math.cos(Math.PI * t), Math.sin(Math.PI * t)];
const line: Path = (t) => [3 * t, 1 - 4 * t];

test("a straight path at constant speed has its squared length as energy, and no bend, on any grid", () => {
  for (const times of [grid(7), [0, 0.1, 0.5, 1], [1, 0.3, 0]]) {
    expect(pathEnergy(along([line], times)).value).toBeCloseTo(25, 10);
    expect(straightness(along([line], times)).value).toBeCloseTo(0, 20);
  }
});

test("half a circle has energy pi^2 and bend pi^2 - 4, to the second order in the step", () => {
  const error = (steps: number) => pathEnergy(along([circle], grid(steps))).value - Math.PI ** 2;
  expect(Math.abs(error(200))).toBeLessThan(1e-3);
  expect(error(50) / error(100)).toBeCloseTo(4, 2);
  expect(straightness(along([circle], grid(2000))).value).toBeCloseTo(Math.PI ** 2 - 4, 4);
});

test("a straight line at changing speed has the bend of its speed, 4 / 5 of its squared length for t^3", () => {
  // int (3 t^2 - 1)^2 dt = 9 / 5 - 2 + 1 = 4 / 5
  const path: Path = (t) => [t ** 3, 2 * t ** 3];
  expect(straightness(along([path], grid(2000))).value).toBeCloseTo(5 * (4 / 5), 4);
});

test("energy is bend plus the squared distance over the time, and the batch gives mean and error", () => {
  const times = [0.2, 0.5, 0.6, 1];
  const both = along([circle, line], times);
  const one = (path: Path) => pathEnergy(along([path], times)).value;
  const { value, stdError } = pathEnergy(both);
  expect(value).toBeCloseTo((one(circle) + one(line)) / 2, 12);
  expect(stdError).toBeCloseTo(Math.abs(one(circle) - one(line)) / 2, 12);
  const far = (path: Path) => path(1).reduce((sum, x, k) => sum + (x - path(0.2)[k]!) ** 2, 0) / 0.8;
  expect(straightness(both).value).toBeCloseTo(value - (far(circle) + far(line)) / 2, 12);
});

describe("what is no trajectory is refused", () => {
  test.each([
    [along([line], [0]), "two times or more"],
    [{ ...along([line], [0, 1]), times: [0, 0.5, 1] }, "shape [3, batch, ...shape]"],
    [along([line], [0, 0.5, 0.5]), "ascending or descending times"],
    [along([line], [0, 1, 0.5]), "ascending or descending times"],
    [along([() => [Number.NaN]], [0, 1]), "NaN at element 0"],
  ])("%#", (path, message) => {
    expect(() => pathEnergy(path)).toThrow(message);
    expect(() => straightness(path)).toThrow(message);
  });
});
