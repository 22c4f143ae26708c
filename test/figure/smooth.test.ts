import { expect, test } from "vitest";
import { smoothed } from "../../src/figure/smooth.ts";

const window = { x: [-4, 4], y: [-2, 2] } as const;

test("one point becomes a Gaussian around it: its values are the density, its sum 1", () => {
  const bandwidth = 0.5;
  const cells = 160;
  const { values, rows, columns } = smoothed({ x: [1], y: [-0.5] }, { window, cells, bandwidth });
  const area = (8 / columns) * (4 / rows);
  const middle = (row: number, column: number) => [
    -4 + (column + 0.5) * (8 / columns),
    -2 + (row + 0.5) * (4 / rows),
  ];
  const own = middle(60, 100) as [number, number]; // the cell of the point
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const [x, y] = middle(Math.floor(i / columns), i % columns) as [number, number];
    const exact =
      Math.exp(-((x - own[0]) ** 2 + (y - own[1]) ** 2) / (2 * bandwidth ** 2)) /
      (2 * Math.PI * bandwidth ** 2);
    largest = Math.max(largest, Math.abs(exact - values[i]!));
  }
  expect(largest).toBeLessThan(1e-3);
  expect(values.reduce((sum, value) => sum + value, 0) * area).toBeCloseTo(1, 2);
});

test("points outside of the window take their part of the mass with them", () => {
  const total = (x: readonly number[], y: readonly number[]) =>
    smoothed({ x, y }, { window, cells: 64, bandwidth: 0.1 }).values.reduce((sum, value) => sum + value, 0);
  expect(total([0, 9], [0, 0])).toBeCloseTo(total([0], [0]) / 2, 9);
});
