import { describe, expect, test } from "vitest";
import { array, ndarray } from "../../../src/engine/array/index.ts";
import { integers, key, normal, uniform } from "../../../src/engine/random/index.ts";
import {
  add,
  constant,
  grad,
  input,
  interpret,
  matmul,
  mean,
  mul,
  sub,
  type Tensor,
} from "../../../src/engine/tensor/index.ts";
import { affine, condOT, cosine, marginal, posteriorMean, toward } from "../../../src/flow/path/index.ts";
import { doubles, filledWith, schedulers, slopeOf } from "./cases.ts";

const points = [
  [1, 0.5],
  [-1.2, 0.3],
  [0.2, -1],
] as const;
const weights = [0.5, 0.2, 0.3] as const;
const data = constant(
  array(
    points.map((point) => [...point]),
    "float64",
  ),
);
const mixture = (scheduler: (typeof schedulers)[number]) =>
  marginal({ data, scheduler, weights: constant(doubles(weights)) });

describe.each(schedulers)("the marginal velocity of three points under $name", (scheduler) => {
  const at = (t: number) => {
    const c = interpret((time: Tensor) => scheduler.at(time), doubles([t]));
    return [c.alpha.data[0]!, c.sigma.data[0]!, c.dAlpha.data[0]!, c.dSigma.data[0]!] as const;
  };
  /** log p_t at x: a mixture of normal densities around alpha y with deviation sigma. */
  const logDensity = ([x, y]: readonly [number, number], t: number) => {
    const [alpha, sigma] = at(t);
    const parts = points.map(([a, b], i) => {
      const distance = (x - alpha * a) ** 2 + (y - alpha * b) ** 2;
      return weights[i]! * Math.exp(-distance / (2 * sigma ** 2));
    });
    return Math.log(parts.reduce((a, b) => a + b) / sigma ** 2);
  };
  const field = mixture(scheduler);
  const velocity = (x: readonly [number, number], t: number) =>
    interpret(field, array([[...x]], "float64"), doubles([t])).data;
  const places = [
    [0.3, -0.4],
    [1.1, 0.2],
    [-0.7, 0.9],
  ] as const;
  const cases = places.flatMap((x) => [0.2, 0.5, 0.8].map((t) => ({ x, t })));
  const score = ([x, y]: readonly [number, number], t: number) => [
    slopeOf((h) => logDensity([x + h, y], t), 0),
    slopeOf((h) => logDensity([x, y + h], t), 0),
  ];

  test("is that of the Gaussian mixture p_t, (dAlpha / alpha) x + (sigma^2 dAlpha / alpha - sigma dSigma) score", () => {
    for (const { x, t } of cases) {
      const [alpha, sigma, dAlpha, dSigma] = at(t);
      const slopes = score(x, t);
      velocity(x, t).forEach((v, axis) => {
        const factor = (sigma ** 2 * dAlpha) / alpha - sigma * dSigma;
        expect(v).toBeCloseTo((dAlpha / alpha) * x[axis]! + factor * slopes[axis]!, 6);
      });
    }
  });

  test("moves the density as it changes: d log p / dt + div v + v . grad log p = 0", () => {
    for (const { x, t } of cases) {
      const rate = slopeOf((s) => logDensity(x, s), t);
      const divergence =
        slopeOf((h) => velocity([x[0] + h, x[1]], t)[0]!, 0) +
        slopeOf((h) => velocity([x[0], x[1] + h], t)[1]!, 0);
      const [a, b] = velocity(x, t);
      const [sa, sb] = score(x, t);
      const balance = divergence + a! * sa! + b! * sb!;
      expect(Math.abs(rate)).toBeGreaterThan(1e-3);
      expect(Math.abs(rate + balance) / (Math.abs(rate) + Math.abs(balance))).toBeLessThan(1e-5);
    }
  });
});

/** n draws of (x0, x1, t) with x1 from the three points, and the conditional and marginal velocities at xt. */
function drawn(n: number, name: string) {
  const seed = key("marginal").fold(name);
  const pick = integers(seed.fold("pick"), [n], { low: 0, high: points.length }).data;
  const x1 = ndarray(
    Float64Array.from({ length: 2 * n }, (_, i) => points[pick[i >> 1]!]![i & 1]!),
    [n, 2],
    "float64",
  );
  return {
    x0: normal(seed.fold("noise"), [n, 2]),
    x1,
    t: uniform(seed.fold("time"), [n], { low: 0.05, high: 0.9 }),
  };
}
const double = ({ data: values, shape }: { data: ArrayLike<number>; shape: readonly number[] }) =>
  ndarray(Float64Array.from(values), shape, "float64");
const exact = marginal({ data, scheduler: cosine });

test("is the mean of the conditional velocities of the samples that pass a place", () => {
  const n = 20_000;
  const { x0, x1 } = drawn(n, "places");
  const { xt, u, v } = interpret(
    (a: Tensor, b: Tensor, t: Tensor) => {
      const { xt, velocity } = affine(cosine).sample({ x0: a, x1: b, t });
      return { xt, u: velocity, v: exact(xt, t) };
    },
    double(x0),
    x1,
    filledWith(0.4, [n]),
  );
  const left = Array.from({ length: n }, (_, i) => i).filter(
    (i) => xt.data[2 * i]! < -0.3 && xt.data[2 * i + 1]! > 0,
  );
  expect(left.length).toBeGreaterThan(1000);
  const levels = [0, 1].map((axis) => {
    const errors = left.map((i) => u.data[2 * i + axis]! - v.data[2 * i + axis]!);
    expect(Math.abs(average(errors))).toBeLessThan(4 * standardError(errors));
    expect(standardError(errors)).toBeGreaterThan(1e-3);
    return Math.abs(average(left.map((i) => v.data[2 * i + axis]!))) / standardError(errors);
  });
  expect(Math.max(...levels)).toBeGreaterThan(20);
});

test("the conditional loss has the gradient of the marginal loss, which is why flow matching works", () => {
  const theta = {
    W: array(
      [
        [0.3, -0.2],
        [0.5, 0.1],
        [-0.4, 0.7],
      ],
      "float64",
    ),
    b: doubles([0.2, -0.1]),
  };
  const both = (params: { W: Tensor; b: Tensor }, x0: Tensor, x1: Tensor, t: Tensor) => {
    const { xt, velocity } = affine(cosine).sample({ x0, x1, t });
    const column = t.reshape([t.shape[0]!, 1]);
    const W = params.W;
    const prediction = add(
      add(matmul(xt, W.slice({ axis: 0, stop: 2 })), mul(column, W.slice({ axis: 0, start: 2 }))),
      params.b,
    );
    const loss = (target: Tensor) => {
      const error = sub(prediction, target);
      return mean(mul(error, error));
    };
    const losses = { conditional: loss(velocity), marginal: loss(exact(xt, t)) };
    return { losses, conditional: grad(losses.conditional, params), marginal: grad(losses.marginal, params) };
  };
  const chunks = Array.from({ length: 40 }, (_, i) => {
    const { x0, x1, t } = drawn(200, `chunk${i}`);
    return interpret(both, theta, double(x0), x1, double(t));
  });
  const flat = ({ W, b }: (typeof chunks)[number]["marginal"]) => [...W.data, ...b.data];
  let clear = 0;
  for (let i = 0; i < 8; i++) {
    const errors = chunks.map(
      ({ conditional, marginal: target }) => flat(conditional)[i]! - flat(target)[i]!,
    );
    expect(Math.abs(average(errors))).toBeLessThan(4 * standardError(errors));
    const level = Math.abs(average(chunks.map(({ marginal: target }) => flat(target)[i]!)));
    if (level > 10 * standardError(errors)) clear++;
  }
  expect(clear).toBeGreaterThan(4);
  const excess = chunks.map(({ losses }) => losses.conditional.data[0]! - losses.marginal.data[0]!);
  expect(average(excess)).toBeGreaterThan(0.1);
});

test("at the data's end the nearest point is all that counts", () => {
  const means = interpret(
    posteriorMean({ data, scheduler: condOT }),
    array(
      [
        [0.9, 0.4],
        [0, -0.5],
      ],
      "float64",
    ),
    doubles([1, 1]),
  );
  [1, 0.5, 0.2, -1].forEach((value, i) => expect(means.data[i]).toBeCloseTo(value, 12));
  const ends = interpret(
    mixture(condOT),
    array(
      [
        [0.9, 0.4],
        [0, -0.5],
      ],
      "float64",
    ),
    doubles([0, 1]),
  );
  expect(ends.data.every(Number.isFinite)).toBe(true);
});

test("tokens with the time of their sample give what the sample's time gives", () => {
  const x = array(
    [
      [0.3, -0.4],
      [1, 1],
    ],
    "float64",
  );
  const field = mixture(cosine);
  const one = interpret(field, x, doubles([0.3, 0.6]));
  const tokens = interpret(
    field,
    x,
    array(
      [
        [0.3, 0.3],
        [0.6, 0.6],
      ],
      "float64",
    ),
  );
  const mixed = interpret(
    field,
    x,
    array(
      [
        [0.3, 0.9],
        [0.6, 0.6],
      ],
      "float64",
    ),
  );
  expect([...tokens.data]).toEqual([...one.data]);
  expect(mixed.data[0]).not.toBeCloseTo(one.data[0]!, 3);
});

test("toward carries a sample along its own path", () => {
  for (const scheduler of schedulers) {
    const { xt, velocity, carried } = interpret(
      (x0: Tensor, x1: Tensor, t: Tensor) => {
        const path = affine(scheduler).sample({ x0, x1, t });
        return { ...path, carried: toward({ x1, scheduler })(path.xt, t) };
      },
      doubles([0.4, -2]),
      doubles([1, 3]),
      doubles([0.3, 0.8]),
    );
    expect(xt.shape).toEqual([2]);
    carried.data.forEach((v, i) => expect(v).toBeCloseTo(velocity.data[i]!, 10));
  }
});

test("data, weights and x that do not fit are refused", () => {
  const tensor = (shape: number[]) => input("x", { shape, dtype: "float32" });
  expect(() => marginal({ data: tensor([0, 2]), scheduler: condOT })).toThrow("count >= 1");
  expect(() => marginal({ data: tensor([]), scheduler: condOT })).toThrow("got data []");
  expect(() => marginal({ data: tensor([3, 2]), scheduler: condOT, weights: tensor([2]) })).toThrow(
    "weights [2]",
  );
  const field = marginal({ data: tensor([3, 2]), scheduler: condOT });
  expect(() => field(tensor([4, 3]), tensor([4]))).toThrow(
    "marginal: expected x of shape [batch, 2], as the data, got [4, 3]",
  );
  expect(() => field(tensor([4, 2]), tensor([3]))).toThrow("expected t of shape [4] or [4, 2], got [3]");
});

function average(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function standardError(values: readonly number[]): number {
  const centre = average(values);
  const variance = average(values.map((value) => (value - centre) ** 2));
  return Math.sqrt(variance / (values.length - 1));
}
