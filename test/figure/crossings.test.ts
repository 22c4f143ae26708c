import { expect, test } from "vitest";
import { array } from "../../src/engine/index.ts";
import { crossingsFigure } from "../../src/figure/index.ts";

const x0 = array([
  [0, 0],
  [0, 1],
  [0, 2],
]);
const x1 = array([
  [1, 0],
  [1, 1],
  [1, 2],
]);

test.each([
  ["parallel ways do not cross", [0, 1, 2], "0 crossings"],
  ["two that change places cross once", [1, 0, 2], "1 crossing"],
  ["all three in reverse cross pairwise", [2, 1, 0], "3 crossings"],
])("%s", (_, target, count) => {
  const pairing = { source: Int32Array.of(0, 1, 2), target: Int32Array.from(target) };
  const { panels } = crossingsFigure({ panels: [{ title: "pairs", x0, x1, pairing }] });
  expect(panels[0]!.title).toBe(`pairs: ${count}`);
});
