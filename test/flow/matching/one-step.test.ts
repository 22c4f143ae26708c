import { describe, expect, test } from "vitest";
import { ndarray } from "../../../src/engine/array/index.ts";
import {
  declarations,
  div,
  expandDims,
  filled,
  grad,
  input,
  interpret,
  interpretGraph,
  sub,
  type Tensor,
} from "../../../src/engine/tensor/index.ts";
import { consistency, type Interval, shortcut, twoHalves } from "../../../src/flow/matching/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { doubles } from "../path/cases.ts";
import { average, velocity } from "./gaussian.ts";
import { differences, distance, flat, type Net, net, netParams, noDraw } from "./nets.ts";

type Given<At> = { x0: Tensor; x1: Tensor; at: At };
const x1Of = (shape: number[]) => input("x1", { shape, dtype: "float32" });
const option = expect.objectContaining({ kind: "option" });
const shape = expect.objectContaining({ kind: "shape" });

/** Whether the loss has the gradient of its first call of the network alone, the others being targets. */
function checkFirstCall<At>(
  lossOf: (networks: readonly [Net, Net], pairs: Given<At>) => Tensor,
  given: never,
  times: number,
): void {
  const params = netParams(times);
  const gradient = interpret(
    (p: Net, pairs: Given<At>) => grad(lossOf([p, p], pairs), p),
    params,
    given,
  ) as unknown as ReturnType<typeof netParams>;
  const frozen = (moved: typeof params) =>
    (
      interpret(
        (p: Net, fixed: Net, pairs: Given<At>) => lossOf([p, fixed], pairs),
        moved,
        params,
        given,
      ) as {
        data: Float64Array;
      }
    ).data[0]!;
  expect(distance(flat(gradient), differences(frozen, params))).toBeLessThan(1e-7);
}

describe("shortcut", () => {
  const span = { from: doubles([0, 0.5, 0.25]), to: doubles([1, 1, 0.5]) };
  const x = sample([3, 2], 1);

  test("the average velocity of a Gaussian is the mean of those of its halves", () => {
    const { whole, halves } = interpret(
      (at: Tensor, interval: Interval) => ({
        whole: average(at, interval),
        halves: twoHalves(average, at, interval),
      }),
      x,
      span,
    );
    expect(distance([...halves.data], [...whole.data])).toBeLessThan(1e-13);
  });

  test("halves of the shortest intervals are asked as velocities, of longer ones as jumps", () => {
    const asked: Tensor[] = [];
    const network = (at: Tensor, { from, to }: Interval) => {
      asked.push(from, to);
      return velocity(at, from);
    };
    const lengths = interpret(
      (at: Tensor, interval: Interval) => {
        twoHalves(network, at, { ...interval, shortest: 0.5 });
        return asked.map((time) => time);
      },
      x,
      { from: doubles([0, 0.5, 0]), to: doubles([1, 1, 0.5]) },
    ) as unknown as { data: Float64Array }[];
    expect(lengths.map(({ data }) => [...data])).toEqual([
      [0, 0.5, 0],
      [0.5, 0.5, 0],
      [0.5, 0.75, 0.25],
      [1, 0.75, 0.25],
    ]);
  });

  test("a share of the rows jumps by powers of two from multiples of them; the others stand", () => {
    const { draw, declared } = declarations();
    const seen: Interval[] = [];
    shortcut({ levels: 4, share: 0.5 })(
      (at, interval) => {
        seen.push(interval);
        return at;
      },
      { x1: x1Of([400, 1]) },
      draw,
    );
    const feeds = new Map(declared.map((tensor, i) => [tensor, sample(tensor.shape, 60 + i, [0, 1])]));
    const [from, to] = interpretGraph([seen[0]!.from, seen[0]!.to], feeds).map(({ data }) => [...data]) as [
      number[],
      number[],
    ];
    const lengths = from.map((start, i) => to[i]! - start);
    expect(lengths.slice(200).every((length) => length === 0)).toBe(true);
    expect(new Set(lengths.slice(0, 200))).toEqual(new Set([1, 1 / 2, 1 / 4, 1 / 8]));
    lengths.slice(0, 200).forEach((length, i) => {
      expect(Number.isInteger(from[i]! / length)).toBe(true);
      expect(to[i]).toBeLessThanOrEqual(1);
    });
    expect(new Set(from.slice(0, 200)).size).toBe(8);
    expect(new Set(from.slice(200)).size).toBeGreaterThan(190);
  });

  const at = { from: doubles([0, 0.5, 0.3, 0.8]), to: doubles([1, 1, 0.3, 0.8]) };
  const given = { x0: sample([4, 2], 5), x1: sample([4, 2], 6), at };

  test("the loss is the flow matching of standing rows, and of jumping ones the distance to two halves", () => {
    const { loss, parts } = interpret(
      (p: Net, { x0, x1, at: interval }: Given<Interval>) => {
        const network = (y: Tensor, { from, to }: Interval) => net(p, y, [from, to]);
        const t = expandDims(interval.from, -1);
        const xt = x1.mul(t).add(x0.mul(sub(1, t)));
        const shortest = 0.5;
        const error = network(xt, interval).sub(twoHalves(network, xt, { ...interval, shortest }));
        const still = network(xt, interval).sub(x1.sub(x0));
        const rows = (e: Tensor, start: number) =>
          e
            .mul(e)
            .slice({ axis: 0, start, stop: start + 2 })
            .sum();
        return {
          loss: shortcut({ levels: 2, share: 0.5 })(network, { x0, x1, at: interval }, noDraw()),
          parts: rows(error, 0)
            .add(rows(still, 2))
            .mul(1 / 8),
        };
      },
      netParams(2),
      given,
    );
    expect(loss.data[0]).toBeCloseTo(parts.data[0]!, 13);
  });

  test("no gradient passes the two halves", () => {
    const lossOf = ([first, rest]: readonly [Net, Net], pairs: Given<Interval>) => {
      let calls = 0;
      const network = (y: Tensor, { from, to }: Interval) => net(calls++ === 0 ? first : rest, y, [from, to]);
      return shortcut({ levels: 2, share: 0.5 })(network, pairs, noDraw());
    };
    checkFirstCall(lossOf, given as never, 2);
  });

  test("gives jumping rows their conditions", () => {
    const conditions: number[] = [];
    shortcut({ share: 0.5 })(
      (y, _interval, condition) => {
        conditions.push(condition.vector.shape[0]!);
        return y;
      },
      { x1: x1Of([6, 2]), condition: { vector: x1Of([6, 3]) } },
      declarations().draw,
    );
    expect(conditions).toEqual([6, 3, 3]);
  });

  test("refuses what cannot be", () => {
    for (const options of [{ levels: 0 }, { levels: 1.5 }, { share: 0 }, { share: 1 }]) {
      expect(() => shortcut(options)).toThrow(option);
    }
    expect(() => shortcut()((y) => y, { x1: x1Of([1, 2]) }, noDraw())).toThrow(
      "shortcut: expected batch of at least 2",
    );
    expect(() => shortcut()(() => x1Of([1]), { x1: x1Of([4, 2]) }, noDraw())).toThrow(shape);
  });
});

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
