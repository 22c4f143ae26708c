import { describe, expect, test } from "vitest";
import { array } from "../../../src/engine/array/index.ts";
import {
  declarations,
  filled,
  grad,
  input,
  interpret,
  interpretGraph,
  mul,
  type Tensor,
} from "../../../src/engine/tensor/index.ts";
import {
  type AverageVelocity,
  type Interval,
  jump,
  meanFlow,
  meanFlowTarget,
} from "../../../src/flow/matching/index.ts";
import { affine, condOT } from "../../../src/flow/path/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { doubles } from "../path/cases.ts";
import { average, mean, std, velocity } from "./gaussian.ts";
import { differences, distance, flat, type Net, net, netParams, noDraw } from "./nets.ts";

const x = sample([6, 2], 1);
const interval = {
  from: doubles([0, 0.1, 0.2, 0.45, 0.7, 0.9]),
  to: doubles([1, 0.3, 0.9, 0.5, 1, 0.95]),
};

describe("the mean flow identity u = v + (to - from) du/dt", () => {
  const sides = (network: AverageVelocity) =>
    interpret(
      (at: Tensor, span: Interval) =>
        meanFlowTarget(network, { x: at, velocity: velocity(at, span.from), interval: span }),
      x,
      interval,
    );

  test("holds for the exact average velocity of a Gaussian", () => {
    const { value, target, slope } = sides(average);
    expect(distance([...target.data], [...value.data])).toBeLessThan(1e-12);
    expect(Math.hypot(...slope.data)).toBeGreaterThan(1);
  });

  test("does not hold for the velocity itself, nor for a multiple of the average", () => {
    for (const wrong of [
      (at: Tensor, { from }: Interval) => velocity(at, from),
      (at: Tensor, span: Interval) => mul(average(at, span), 1.05),
    ]) {
      const { value, target } = sides(wrong);
      expect(distance([...target.data], [...value.data])).toBeGreaterThan(0.02);
    }
  });

  test("asks for the velocity where to = from", () => {
    const still = { from: interval.from, to: interval.from };
    const { target, v } = interpret(
      (at: Tensor, span: Interval, params: Net) => {
        const v = velocity(at, span.from);
        const network: AverageVelocity = (y, { from, to }) => net(params, y, [from, to]);
        return { v, target: meanFlowTarget(network, { x: at, velocity: v, interval: span }).target };
      },
      x,
      still,
      netParams(2),
    );
    expect([...target.data]).toEqual([...v.data]);
  });
});

test("the derivative is that along the flow, by finite differences, also where x is built from the time", () => {
  const params = netParams(2);
  const [x0, x1] = [sample([6, 2], 2), sample([6, 2], 3)];
  const moved = (h: number) =>
    interpret(
      (p: Net, a: Tensor, b: Tensor, { from, to }: Interval) => {
        const sampled = affine(condOT).sample({ x0: a, x1: b, t: from });
        const network: AverageVelocity = (y, span) => net(p, y, [span.from, span.to]);
        const { xt, velocity } = sampled;
        return meanFlowTarget(network, { x: xt, velocity, interval: { from, to } });
      },
      params,
      x0,
      x1,
      { from: doubles(Array.from(interval.from.data, (t) => t + h)), to: interval.to },
    );
  const step = 1e-5;
  const [ahead, behind] = [moved(step).value.data, moved(-step).value.data];
  const numeric = Array.from(ahead, (value, i) => (value - behind[i]!) / (2 * step));
  expect(distance([...moved(0).slope.data], numeric)).toBeLessThan(1e-8);
});

test("the gradient is that of the distance to the target as it is", () => {
  type Given = { x0: Tensor; x1: Tensor; at: Interval };
  const given = { x0: sample([6, 2], 4), x1: sample([6, 2], 5), at: interval };
  const lossOf = (p: Net, pairs: Given) =>
    meanFlow({ power: 0 })((y, { from, to }) => net(p, y, [from, to]), pairs, noDraw()).loss;
  const { gradient, target } = interpret(
    (p: Net, pairs: Given) => {
      const { xt, velocity } = affine(condOT).sample({ ...pairs, t: pairs.at.from });
      const network: AverageVelocity = (y, { from, to }) => net(p, y, [from, to]);
      const sides = meanFlowTarget(network, { x: xt, velocity, interval: pairs.at });
      return { gradient: grad(lossOf(p, pairs), p), target: sides.target };
    },
    netParams(2),
    given,
  );
  const frozen = (p: ReturnType<typeof netParams>) =>
    interpret(
      (params: Net, { x0, x1, at }: Given, fixed: Tensor) => {
        const { xt } = affine(condOT).sample({ x0, x1, t: at.from });
        const error = net(params, xt, [at.from, at.to]).sub(fixed);
        return mul(error, error)
          .sum()
          .mul(1 / 6);
      },
      p,
      given,
      target,
    ).data[0]!;
  expect(distance(flat(gradient), differences(frozen, netParams(2)))).toBeLessThan(1e-7);
});

test("draws intervals in order, of which the given share are instants", () => {
  const { draw, declared } = declarations();
  const seen: Tensor[] = [];
  const x1 = input("x1", { shape: [500, 1], dtype: "float32" });
  meanFlow({ instant: 0.4 })(
    (y, { from, to }) => {
      seen.push(from, to);
      return y.mul(from.reshape([500, 1]));
    },
    { x1 },
    draw,
  );
  expect(declared.map(({ attributes }) => attributes.name).sort()).toEqual([
    "from/time",
    "instant",
    "to/time",
    "x0",
  ]);
  const feeds = new Map(declared.map((tensor, i) => [tensor, sample(tensor.shape, 40 + i, [0, 1])]));
  const [from, to] = interpretGraph(seen, feeds);
  const instants = from!.data.filter((time, i) => time === to!.data[i]).length;
  expect(from!.data.every((time, i) => time <= to!.data[i]!)).toBe(true);
  expect(Math.abs(instants / 500 - 0.4)).toBeLessThan(0.08);
});

describe("jump", () => {
  test.each([[[0, 1]], [[0, 0.3, 1]], [[0, 0.25, 0.5, 0.75, 1]]])(
    "with the exact average velocity lands on the flow at times %j",
    (times) => {
      const { x: end } = interpret((x0: Tensor) => jump(average, x0, { times }), x);
      end.data.forEach((value, i) => expect(value).toBeCloseTo(mean + std * x.data[i]!, 12));
    },
  );

  test("takes one evaluation from 0 to 1 unless told otherwise, and goes back too", () => {
    const forth = interpret((x0: Tensor) => jump(average, x0).x, x);
    expect([...forth.data]).toEqual([
      ...interpret((x0: Tensor) => jump(average, x0, { times: [0, 1] }).x, x).data,
    ]);
    const back = interpret((x1: Tensor) => jump(average, x1, { times: [1, 0.4, 0] }).x, forth);
    back.data.forEach((value, i) => expect(value).toBeCloseTo(x.data[i]!, 12));
    expect(jump(average, input("x", { shape: [3, 2], dtype: "float32" })).nfe).toBe(1);
  });

  test("refuses times that are not monotone", () => {
    const x0 = input("x", { shape: [3, 2], dtype: "float32" });
    expect(() => jump(average, x0, { times: [0, 1, 0.5] })).toThrow(
      expect.objectContaining({ kind: "option" }),
    );
  });
});

test("the adaptive weight makes every sample count about the same at power 1", () => {
  const at = { from: doubles([0, 0.5]), to: doubles([0, 0.5]) };
  const given = { x0: array([[0], [0]], "float64"), x1: array([[1], [100]], "float64"), at };
  type Given = { x0: Tensor; x1: Tensor; at: Interval };
  const lossAt = (power: number) =>
    interpret((pairs: Given) => {
      const { draw } = declarations();
      const zero: AverageVelocity = (y, { from }) => mul(y.add(from.reshape([2, 1])), 0);
      return meanFlow({ power, offset: 1 })(zero, pairs, draw);
    }, given);
  expect(lossAt(1).loss.data[0]).toBeCloseTo((1 / 2 + 10_000 / 10_001) / 2, 12);
  expect(lossAt(0).loss.data[0]).toBeCloseTo(10_001 / 2, 8);
  expect(lossAt(1).metrics.squaredError.data[0]).toBeCloseTo(10_001 / 2, 8);
});

test("options out of range, constant times and answers of another shape are refused", () => {
  const wrong = [{ instant: 1.1 }, { instant: Number.NaN }, { power: -1 }, { offset: 0 }];
  for (const options of wrong) {
    expect(() => meanFlow(options)).toThrow(expect.objectContaining({ kind: "option" }));
  }
  const tensor = (shape: number[]) => input("x", { shape, dtype: "float32" });
  const at = { from: filled([4], 0), to: tensor([4]) };
  expect(() => meanFlow()((y) => y, { x1: tensor([4, 2]), at }, noDraw())).toThrow(
    "meanFlow: expected x and from that vary",
  );
  expect(() => meanFlow()(() => tensor([4]), { x1: tensor([4, 2]) }, noDraw())).toThrow(
    expect.objectContaining({ kind: "shape" }),
  );
});
