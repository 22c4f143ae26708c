import { describe, expect, test } from "vitest";
import { array, type NdArray } from "../../../src/engine/array/index.ts";
import { type FlowPairs, flowPairs, reflow } from "../../../src/flow/matching/index.ts";
import { euler, fixed, rk4, uniformGrid } from "../../../src/flow/solver/index.ts";
import { elementwise } from "../solver/fields.ts";

const x0 = array([[1], [-2]], "float64");
const option = expect.objectContaining({ kind: "option" });

describe("flowPairs", () => {
  test("has where the flow carries each source, and the way there at the given times", async () => {
    const grow = elementwise((x) => x);
    const pairs = await flowPairs(grow, x0, {
      times: [0, 0.5, 1],
      solver: rk4,
      control: fixed({ stepSize: 0.01 }),
    });
    [1, -2].forEach((value, i) => {
      expect(pairs.x1.data[i]).toBeCloseTo(value * Math.E, 8);
      expect(pairs.trajectory.data[2 + i]).toBeCloseTo(value * Math.exp(0.5), 8);
    });
    expect(pairs.trajectory.shape).toEqual([3, 2, 1]);
    expect(pairs).toMatchObject({ x0, times: [0, 0.5, 1], nfe: 400 });
    expect((await flowPairs(grow, x0)).times).toEqual(uniformGrid(32));
  });

  test("refuses times that do not run from 0 to 1", async () => {
    for (const times of [
      [0, 0.5],
      [0.1, 1],
      [1, 0],
    ]) {
      await expect(
        flowPairs(
          elementwise((x) => x),
          x0,
          { times },
        ),
      ).rejects.toThrow(option);
    }
  });

  test("says when a flow cannot be solved", async () => {
    const broken = elementwise((_, t) => (t > 0.5 ? Number.NaN : 1));
    await expect(flowPairs(broken, x0, { control: fixed(), solver: euler })).rejects.toMatchObject({
      kind: "numerical",
      message: expect.stringContaining("one that stopped: nonFinite"),
    });
  });
});

describe("reflow", () => {
  test("trains every round on pairs of the field before, from fresh sources", async () => {
    const seen: { pairs: FlowPairs; round: number }[] = [];
    const rounds = await reflow(
      elementwise(() => 1),
      {
        rounds: 3,
        sources: (round) => array([[round]], "float64"),
        train: async (pairs, round) => {
          seen.push({ pairs, round });
          return elementwise(() => 10 ** (round + 1));
        },
        solver: euler,
      },
    );
    expect(rounds).toHaveLength(3);
    expect(seen.map(({ round }) => round)).toEqual([0, 1, 2]);
    const ends = (values: (pairs: FlowPairs) => NdArray) => seen.map(({ pairs }) => values(pairs).data[0]);
    expect(ends(({ x0: source }) => source)).toEqual([0, 1, 2]);
    [1, 11, 102].forEach((end, i) => expect(ends(({ x1 }) => x1)[i]).toBeCloseTo(end, 10));
    expect(rounds.map(({ pairs }) => pairs)).toEqual(seen.map(({ pairs }) => pairs));
    const last = await rounds[2]!.field(x0, array([0, 0], "float64"));
    expect([...last.data]).toEqual([1000, 1000]);
  });

  test("refuses a number of rounds that is none", async () => {
    const field = elementwise((x) => x);
    for (const rounds of [0, 1.5, Number.NaN]) {
      await expect(reflow(field, { rounds, sources: () => x0, train: async () => field })).rejects.toThrow(
        option,
      );
    }
  });
});
