import { describe, expect, test } from "vitest";
import { ndarray } from "../../../src/engine/array/index.ts";
import {
  declarations,
  div,
  expandDims,
  filled,
  input,
  interpret,
  interpretGraph,
  sub,
  type Tensor,
} from "../../../src/engine/tensor/index.ts";
import { consistency } from "../../../src/flow/matching/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { doubles } from "../path/cases.ts";
import { checkFirstCall, type Net, net, noDraw } from "./nets.ts";

type Given<At> = { x0: Tensor; x1: Tensor; at: At };
const x1Of = (shape: number[]) => input("x1", { shape, dtype: "float32" });
const option = expect.objectContaining({ kind: "option" });
const shape = expect.objectContaining({ kind: "shape" });

describe("consistency", () => {
  const given = { x0: sample([3, 2], 7), x1: sample([3, 2], 8), at: doubles([0, 0.3, 0.6]) };
  type Numbers = typeof given;
  const lossOf = (
    options: Parameters<typeof consistency>[0],
    network: (x: Tensor, t: Tensor) => Tensor,
    pairs: Numbers = given,
  ) => interpret((p: Given<Tensor>) => consistency(options)(network, p, noDraw()), pairs).data[0]!;

  test("is 0 for the straight flow to one point", () => {
    const field = (x: Tensor, t: Tensor) => div(sub(1, x), expandDims(sub(1, t), -1));
    const one = ndarray(new Float64Array(6).fill(1), [3, 2], "float64");
    expect(lossOf({ step: 0.25, velocityWeight: 1 }, field, { ...given, x1: one })).toBeLessThan(1e-28);
    expect(lossOf({ step: 0.25, velocityWeight: 1 }, field)).toBeGreaterThan(0.01);
  });

  test("is (step (x1 - x0))^2 for a network that stands still, which tells xt as its end", () => {
    const still = (x: Tensor) => filled(x.shape, 0, x.dtype);
    const squares = Array.from(given.x1.data, (value, i) => (value - given.x0.data[i]!) ** 2);
    const mean = squares.reduce((a, b) => a + b) / 6;
    expect(lossOf({ step: 0.25 }, still)).toBeCloseTo(0.25 ** 2 * mean, 13);
    const weighted =
      squares.reduce((sum, square, i) => sum + square * given.at.data[Math.floor(i / 2)]!, 0) / 6;
    expect(lossOf({ step: 0.25, weight: (t) => t }, still)).toBeCloseTo(0.25 ** 2 * weighted, 13);
  });

  test("counts the disagreement of velocities by its weight", () => {
    const moving = (x: Tensor, t: Tensor) => x.mul(0).add(expandDims(t, -1));
    // f(t) - f(s) = xt - xs + (1 - t) t - (1 - s) s
    const [plain, more] = [0, 10].map((velocityWeight) => lossOf({ step: 0.25, velocityWeight }, moving));
    expect(more! - plain!).toBeCloseTo(10 * 0.25 ** 2, 12);
  });

  test("no gradient passes the later time", () => {
    const loss = ([first, rest]: readonly [Net, Net], pairs: Given<Tensor>) => {
      let calls = 0;
      const network = (y: Tensor, t: Tensor) => net(calls++ === 0 ? first : rest, y, [t]);
      return consistency({ step: 0.2, velocityWeight: 0.3 })(network, pairs, noDraw());
    };
    checkFirstCall(loss, given as never, 1);
  });

  test("draws times that leave room for the step", () => {
    const { draw, declared } = declarations();
    const times: Tensor[] = [];
    const network = (x: Tensor, t: Tensor) => {
      times.push(t);
      return x;
    };
    consistency({ step: 0.3 })(network, { x1: x1Of([5, 2]) }, draw);
    const u = declared.find(({ attributes }) => attributes.name === "time")!;
    const [t, s] = interpretGraph(times, new Map([[u, doubles([0, 0.25, 0.5, 0.75, 1])]]));
    [0, 0.175, 0.35, 0.525, 0.7].forEach((value, i) => {
      expect(t!.data[i]).toBeCloseTo(value, 12);
      expect(s!.data[i]).toBeCloseTo(value + 0.3, 12);
    });
  });

  test("refuses what cannot be", () => {
    for (const options of [{ step: 0 }, { step: 1.5 }, { step: Number.NaN }, { velocityWeight: -1 }]) {
      expect(() => consistency(options)).toThrow(option);
    }
    expect(() => consistency()(() => x1Of([1]), { x1: x1Of([4, 2]) }, noDraw())).toThrow(shape);
  });
});
