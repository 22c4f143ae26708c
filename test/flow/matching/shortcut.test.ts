import { describe, expect, test } from "vitest";
import {
  declarations,
  expandDims,
  input,
  interpret,
  interpretGraph,
  sub,
  type Tensor,
} from "../../../src/engine/tensor/index.ts";
import { type Interval, shortcut, twoHalves } from "../../../src/flow/matching/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { doubles } from "../path/cases.ts";
import { average, velocity } from "./gaussian.ts";
import { checkFirstCall, distance, type Net, net, netParams, noDraw } from "./nets.ts";

type Given<At> = { x0: Tensor; x1: Tensor; at: At };
const x1Of = (shape: number[]) => input("x1", { shape, dtype: "float32" });
const option = expect.objectContaining({ kind: "option" });
const shape = expect.objectContaining({ kind: "shape" });

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

  test("the second half starts where the first leads, whether it was asked as a jump or as a velocity", () => {
    for (const shortest of [0, 0.5]) {
      const mean = interpret(
        (at: Tensor, interval: Interval) => twoHalves((y) => y, at, { ...interval, shortest }),
        x,
        span,
      );
      const halves = [0.5, 0.25, 0.125];
      mean.data.forEach((value, i) => {
        expect(value).toBeCloseTo(x.data[i]! * (1 + halves[Math.floor(i / 2)]! / 2), 13);
      });
    }
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
