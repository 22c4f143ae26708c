import { describe, expect, test } from "vitest";
import { array, type NdArray, ndarray } from "../../../src/engine/array/index.ts";
import { type FlowPairs, flowPairs, reflow, straightness } from "../../../src/flow/matching/index.ts";
import { euler, fixed, rk4, uniformGrid } from "../../../src/flow/solver/index.ts";
import { elementwise } from "../solver/fields.ts";

const x0 = array([[1], [-2]], "float64");
const option = expect.objectContaining({ kind: "option" });

describe("straightness", () => {
  const times = [0, 0.25, 1];

  test("is the integral of the squared distance between chord and velocity, per sample", () => {
    // chords 1 and (0, 2); velocities 2, 2/3 and (4, -4/3), (0, 8/3)
    const trajectory = ndarray(Float64Array.of(0, 0, 0, 0, 0.5, 0, 1, 0, 1, 0, 0, 2), [3, 2, 2], "float64");
    const first = 0.25 * 1 + 0.75 * (1 / 3) ** 2;
    const second = 0.25 * (16 + 4) + 0.75 * ((4 / 3) ** 2 + (2 / 3) ** 2);
    expect(straightness(trajectory, times)).toBeCloseTo((first + second) / 2, 13);
  });

  test("is 0 for straight lines at constant speed, and between two times", () => {
    const line = ndarray(Float64Array.of(0, 1, 0.5, 0.5, 2, -1), [3, 2], "float64");
    expect(straightness(line, times)).toBe(0);
    expect(straightness(ndarray(Float64Array.of(3, 5), [2, 1], "float64"), [0, 1])).toBe(0);
  });

  test("of x' = x tends to its closed form, (e^2 - 1) / 2 - (e - 1)^2 for x0 = 1", async () => {
    const field = elementwise((x) => x);
    const options = { times: uniformGrid(400), solver: rk4 };
    const pairs = await flowPairs(field, array([[1]], "float64"), options);
    expect(pairs.straightness).toBeCloseTo((Math.E ** 2 - 1) / 2 - (Math.E - 1) ** 2, 4);
    expect(pairs.x1.data[0]).toBeCloseTo(Math.E, 9);
    expect(pairs.nfe).toBe(1600);
  });

  test("refuses a trajectory without a state for each time", () => {
    const shape = expect.objectContaining({ kind: "shape" });
    const trajectory = ndarray(new Float64Array(4), [2, 2], "float64");
    for (const wrong of [[0], [0, 0.5, 1], [1, 0], [0, Number.NaN]]) {
      expect(() => straightness(trajectory, wrong)).toThrow(shape);
    }
    expect(() => straightness(ndarray(new Float64Array(0), [2, 0], "float64"), [0, 1])).toThrow(shape);
  });
});

describe("flowPairs", () => {
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
