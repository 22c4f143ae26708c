import { describe, expect, test } from "vitest";
import * as solver from "../../../src/flow/solver/index.ts";
import { lastIsFirst } from "../../../src/flow/solver/tableau.ts";
import { density, size, type Tree, trees, weights } from "./trees.ts";

const { euler, midpoint, heun2, heun3, ralston, rk4, rk4ThreeEighths } = solver;
const { adaptiveHeun, fehlberg2, bosh3, dopri5, tsit5, dopri8 } = solver;
const all = [
  euler,
  midpoint,
  heun2,
  heun3,
  ralston,
  rk4,
  rk4ThreeEighths,
  adaptiveHeun,
  fehlberg2,
  bosh3,
  dopri5,
  tsit5,
  dopri8,
];
const embedded = all.filter(({ tableau }) => tableau.error);

const upTo = (order: number): Tree[] => Array.from({ length: order }, (_, i) => trees(i + 1)).flat();

const dot = (b: readonly number[], values: readonly number[]) =>
  b.reduce((sum, w, i) => sum + w * values[i]!, 0);

/** How far the weights are from solving v exactly along the tree for a step of length u. */
const defect = (b: readonly number[], { tableau }: solver.RungeKutta, tree: Tree, u = 1) =>
  Math.abs(dot(b, weights(tree, tableau.a)) - u ** size(tree) / density(tree));

test("there are 1, 1, 2, 4, 9, 20 rooted trees of 1 to 6 vertices", () => {
  expect([1, 2, 3, 4, 5, 6].map((n) => trees(n).length)).toEqual([1, 1, 2, 4, 9, 20]);
});

describe.each(all)("$name", (method) => {
  const { tableau, order } = method;

  test("has the row sums c, which non-autonomous fields need", () => {
    const sums = tableau.a.map((row) => row.reduce((sum, w) => sum + w, 0));
    expect(sums).toEqual(tableau.c.map((c) => expect.closeTo(c, 13)));
  });

  test("satisfies the order conditions of all trees up to its order (5 at most), and not one order more", () => {
    const tested = Math.min(order, 5);
    const worst = Math.max(...upTo(tested).map((tree) => defect(tableau.b, method, tree)));
    expect(worst).toBeLessThan(2e-14);
    if (order > 5) return;
    expect(Math.max(...trees(order + 1).map((tree) => defect(tableau.b, method, tree)))).toBeGreaterThan(
      1e-4,
    );
  });
});

describe.each(embedded)("the pair $name", (method) => {
  const { tableau, order } = method;

  test("has an embedded method of the order below", () => {
    const other = tableau.b.map((w, i) => w - tableau.error![i]!);
    const tested = Math.min(order - 1, 5);
    expect(Math.max(...upTo(tested).map((tree) => defect(other, method, tree)))).toBeLessThan(1e-11);
    if (order > 5) return;
    expect(Math.max(...trees(order).map((tree) => defect(other, method, tree)))).toBeGreaterThan(1e-5);
  });

  test("has a half-way state of order 4 if its own is 5 or more", () => {
    const tested = order >= 5 ? 4 : 1;
    const worst = Math.max(...upTo(tested).map((tree) => defect(tableau.middle!, method, tree, 1 / 2)));
    expect(worst).toBeLessThan(1e-11);
  });
});

test("bosh3, dopri5, tsit5 and dopri8 begin a step with the last stage of the one before", () => {
  expect(all.filter(({ tableau }) => lastIsFirst(tableau)).map(({ name }) => name)).toEqual([
    "bosh3",
    "dopri5",
    "tsit5",
    "dopri8",
  ]);
  expect(all.map(({ stages }) => stages)).toEqual([1, 2, 2, 3, 2, 4, 4, 2, 3, 3, 6, 6, 13]);
});
