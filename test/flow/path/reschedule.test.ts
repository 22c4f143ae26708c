import { describe, expect, test } from "vitest";
import { array } from "../../../src/engine/array/index.ts";
import { constant, input, interpret, type Tensor } from "../../../src/engine/tensor/index.ts";
import { condOT, marginal, reschedule, timeChange, vp } from "../../../src/flow/path/index.ts";
import { doubles, ends, schedulers, slopeOf } from "./cases.ts";

const data = constant(
  array(
    [
      [1, 0.5],
      [-1.2, 0.3],
      [0.2, -1],
    ],
    "float64",
  ),
);
const x = array(
  [
    [0.3, -0.4],
    [1.1, 0.2],
    [-0.7, 0.9],
  ],
  "float64",
);
const pairs = schedulers.flatMap((from) =>
  schedulers.map((to) => ({ from, to, name: `${from.name} to ${to.name}` })),
);
const changeAt = (pair: (typeof pairs)[number], r: number) => {
  const change = interpret((time: Tensor) => timeChange(time, pair), doubles([r]));
  return { t: change.t.data[0]!, s: change.s.data[0]!, dt: change.dt.data[0]!, ds: change.ds.data[0]! };
};

/** Times at which the old path has a mixture as noisy as the new one's: a vp starts with some data in it. */
const reached = (pair: (typeof pairs)[number]) => {
  const times = [0.35, 0.6, 0.7, 0.9].filter((r) => changeAt(pair, r).t > 0);
  if (!pair.from.name.startsWith("vp")) expect(times).toHaveLength(4);
  expect(times).toContain(0.9);
  return times;
};

describe.each(pairs)("from $name", (pair) => {
  const { from, to } = pair;

  test("the exact field of a data set becomes its exact field", () => {
    const times = reached(pair);
    const field = reschedule(marginal({ data, scheduler: from }), pair);
    const y = array(
      times.map(() => [0.3, -0.4]),
      "float64",
    );
    const changed = interpret(field, y, doubles(times));
    const exact = interpret(marginal({ data, scheduler: to }), y, doubles(times));
    changed.data.forEach((v, i) => {
      expect(Math.abs(v - exact.data[i]!)).toBeLessThan(1e-7 * (1 + Math.abs(exact.data[i]!)));
    });
  });

  test("dt and ds are the derivatives of the old time and of the factor", () => {
    for (const r of reached(pair)) {
      const { dt, ds } = changeAt(pair, r);
      expect(dt / slopeOf((at) => changeAt(pair, at).t, r)).toBeCloseTo(1, 6);
      expect(ds).toBeCloseTo(
        slopeOf((at) => changeAt(pair, at).s, r),
        6,
      );
    }
  });

  test("the velocity is finite at the end points", () => {
    const field = (y: Tensor, r: Tensor) => reschedule((z) => z, pair)(y, r);
    const rows = doubles(ends).shape[0]!;
    const y = array(
      Array.from({ length: rows }, () => [0.5, -1]),
      "float64",
    );
    expect(interpret(field, y, doubles(ends)).data.every(Number.isFinite)).toBe(true);
  });
});

test("the old time and the factor are those of equal mixtures", () => {
  for (const pair of pairs) {
    const { t, s } = changeAt(pair, 0.9);
    const [old, now] = [pair.from, pair.to].map((scheduler, i) =>
      interpret((time: Tensor) => scheduler.at(time), doubles([i === 0 ? t : 0.9])),
    );
    expect(now!.alpha.data[0]! / (s * old!.alpha.data[0]!)).toBeCloseTo(1, 9);
    expect(now!.sigma.data[0]! / (s * old!.sigma.data[0]!)).toBeCloseTo(1, 9);
  }
});

test("a scheduler changed to itself leaves the field as it is", () => {
  const field = marginal({ data, scheduler: condOT });
  const times = doubles([0, 0.5, 1]);
  const same = interpret(reschedule(field, { from: condOT, to: condOT }), x, times);
  interpret(field, x, times).data.forEach((v, i) => expect(same.data[i]! / v).toBeCloseTo(1, 5));
});

test("before the noise that vp starts with, its flow waits and only the size changes", () => {
  const pair = { from: vp(), to: condOT, name: "" };
  const { t, dt, s, ds } = changeAt(pair, 0.001);
  for (const value of [t, dt, ds]) expect(value).toBeCloseTo(0, 15);
  expect(s).toBeCloseTo(1 / (0.006571586494929619 + 0.9999784068923386), 12);
  expect(changeAt(pair, 0.01).dt).toBeGreaterThan(0);
});

test("times that do not fit are refused", () => {
  const tensor = (shape: number[]) => input("x", { shape, dtype: "float32" });
  const field = reschedule((z) => z, { from: condOT, to: vp() });
  expect(() => field(tensor([4, 2]), tensor([3]))).toThrow(
    "reschedule: expected t of shape [4] or [4, 2], got [3]",
  );
});
