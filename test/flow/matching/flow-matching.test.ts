import { describe, expect, test } from "vitest";
import { array } from "../../../src/engine/array/index.ts";
import {
  constant,
  declarations,
  filled,
  input,
  interpret,
  interpretGraph,
  mul,
  type Tensor,
} from "../../../src/engine/tensor/index.ts";
import { flowMatching, minSnrWeight, velocityWeight } from "../../../src/flow/matching/index.ts";
import {
  affine,
  asVelocity,
  condOT,
  constantSpread,
  cosine,
  cosmapTime,
  linearVP,
  noisy,
  stratified,
  uniformTime,
} from "../../../src/flow/path/index.ts";
import { checkGradient, sample } from "../../helpers/gradcheck.ts";
import { doubles } from "../path/cases.ts";
import { type Net, net, netParams, noDraw } from "./nets.ts";

const rows = (values: number[][]) => array(values, "float64");
const float = (shape: number[]) => input("x", { shape, dtype: "float32" });
type Given = { x0: Tensor; x1: Tensor; at: Tensor };
const given = {
  x0: rows([
    [1, 0],
    [-1, 2],
  ]),
  x1: rows([
    [3, 4],
    [1, 0],
  ]),
  at: doubles([0.25, 0.5]),
};

describe("the loss of a network that answers 2 xt", () => {
  // xt = (1.5, 1), (0, 1); velocity x1 - x0 = (2, 4), (2, -2); answers (3, 2), (0, 2)
  const lossOf = (options: Parameters<typeof flowMatching>[0]) =>
    interpret((pairs: Given) => flowMatching(options)((x) => mul(x, 2), pairs, noDraw()), given).data[0];

  test.each([
    { prediction: "velocity" as const, loss: (1 + 4 + 4 + 16) / 4 },
    { prediction: "target" as const, loss: (0 + 4 + 1 + 4) / 4 },
    { prediction: "noise" as const, loss: (4 + 4 + 1 + 0) / 4 },
  ])("for the $prediction is $loss", ({ prediction, loss }) => {
    expect(lossOf({ prediction })).toBeCloseTo(loss, 14);
  });

  test("predicts velocities on straight paths unless told otherwise", () => {
    expect(lossOf({})).toBe(lossOf({ prediction: "velocity", path: affine(condOT) }));
    expect(lossOf({})).not.toBeCloseTo(lossOf({ path: affine(cosine) })!, 1);
  });

  test("weights every sample by its time", () => {
    expect(lossOf({ weight: (t) => mul(t, 8) })).toBeCloseTo((2 * (1 + 4) + 4 * (4 + 16)) / 4, 14);
  });
});

test("a time per token weights and moves every token by its own", () => {
  const tokens = {
    x0: rows([[1, -1]]),
    x1: rows([[3, 1]]),
    at: rows([[0.5, 0.25]]),
  };
  // xt = (2, -0.5), velocity (2, 2), answers xt: errors 0 and 6.25
  const loss = interpret(
    (pairs: Given) => flowMatching({ weight: (t) => t })((x) => x, pairs, noDraw()),
    tokens,
  );
  expect(loss.data[0]).toBeCloseTo((0 * 0.5 + 6.25 * 0.25) / 2, 14);
});

test("a path with noise of its own takes the given z, and the velocity with it", () => {
  const z = rows([
    [1, -1],
    [0, 2],
  ]);
  const path = noisy(affine(condOT), constantSpread(0.5));
  // xt = (2, 0.5), (0, 2): the answers 0 leave the velocity, and the answers xt tell xt
  const lossOf = (answer: (x: Tensor) => Tensor) =>
    interpret((pairs: Given & { z: Tensor }) => flowMatching({ path })(answer, pairs, noDraw()), {
      ...given,
      z,
    }).data[0];
  expect(lossOf((x) => filled(x.shape, 0, x.dtype))).toBeCloseTo((4 + 16 + 4 + 4) / 4, 14);
  expect(lossOf((x) => x)).toBeCloseTo((0 + 3.5 ** 2 + 4 + 16) / 4, 14);
});

describe("several times for each pair", () => {
  test("repeat pairs and conditions side by side", () => {
    const seen: Tensor[] = [];
    const loss = flowMatching({ timesPerSample: 2 });
    const network = (x: Tensor, t: Tensor, condition: { label: Tensor }) => {
      seen.push(x, t, condition.label);
      return x;
    };
    const at = constant(doubles([0, 1, 0.5, 1]));
    const [x0, x1] = [constant(given.x0), constant(given.x1)];
    loss(network, { x0, x1, at, condition: { label: constant(array([7, 9], "int32")) } }, noDraw());
    const [x, , label] = interpretGraph(seen, new Map());
    expect([...x!.data]).toEqual([1, 0, 3, 4, 0, 1, 1, 0]);
    expect([...label!.data]).toEqual([7, 7, 9, 9]);
  });

  test("have the mean of their losses", () => {
    const lossAt = (at: number[], timesPerSample: number) =>
      interpret((pairs: Given) => flowMatching({ timesPerSample })((x) => mul(x, 2), pairs, noDraw()), {
        ...given,
        at: doubles(at),
      }).data[0]!;
    const [a, b] = [lossAt([0.1, 0.7], 1), lossAt([0.6, 0.9], 1)];
    expect(lossAt([0.1, 0.6, 0.7, 0.9], 2)).toBeCloseTo((a + b) / 2, 13);
    expect(a).not.toBeCloseTo(b, 1);
  });

  test("spread over [0, 1] for every pair when they are stratified", () => {
    const { draw, declared } = declarations();
    const times: Tensor[] = [];
    flowMatching({ timesPerSample: 3, time: stratified(uniformTime) })(
      (x, t) => {
        times.push(t);
        return x;
      },
      { x1: float([4, 2]) },
      draw,
    );
    const feeds = new Map(declared.map((tensor, i) => [tensor, sample(tensor.shape, i, [0, 1])]));
    const [t] = interpretGraph(times, feeds);
    for (const column of [0, 1, 2]) {
      const strata = [0, 1, 2, 3].map((row) => Math.floor(4 * t!.data[3 * row + column]!));
      expect(strata.sort()).toEqual([0, 1, 2, 3]);
    }
  });
});

test("draws noise and times by name, one for each sample, token or repetition, and only those not given", () => {
  const names = (options: Parameters<typeof flowMatching>[0], more: object = {}) => {
    const { draw, declared } = declarations();
    flowMatching(options)((x) => x, { x1: float([4, 3, 2]), ...more }, draw);
    return declared.map(({ attributes, shape }) => `${attributes.distribution} ${attributes.name} ${shape}`);
  };
  expect(names({})).toEqual(["normal x0 4,3,2", "uniform time 4"]);
  expect(names({ timesFor: "tokens" })).toEqual(["normal x0 4,3,2", "uniform time 4,3"]);
  expect(names({ timesFor: "tokens", timesPerSample: 2 })).toEqual(["normal x0 4,3,2", "uniform time 4,6"]);
  expect(names({}, { x0: float([4, 3, 2]) })).toEqual(["uniform time 4"]);
  expect(names({}, { at: float([4]) })).toEqual(["normal x0 4,3,2"]);
  expect(names({ path: noisy(affine(condOT), constantSpread(1)) })).toContain("normal z 4,3,2");
});

test.each(["velocity", "target", "noise"] as const)(
  "the gradient of the loss of a %s is that of finite differences",
  (prediction) => {
    const loss = flowMatching({
      prediction,
      path: affine(cosine),
      weight: (t) => t.add(1),
      timesPerSample: 2,
    });
    const pairs = { x0: sample([3, 2], 11), x1: sample([3, 2], 12), at: sample([6], 13, [0, 1]) };
    const error = checkGradient(
      (params: Net, given: Given) => loss((x, t) => net(params, x, [t]), given, noDraw()),
      [netParams(1), pairs],
    );
    expect(error).toBeGreaterThan(0);
  },
);

test.each([condOT, cosine, linearVP])(
  "a target or noise weighted by velocityWeight has the loss of its velocity under $name",
  (scheduler) => {
    const path = affine(scheduler);
    const pairs = { x0: sample([5, 2], 21), x1: sample([5, 2], 22), at: sample([5], 23, [0.1, 0.9]) };
    for (const prediction of ["velocity", "target", "noise"] as const) {
      const { weighted, velocity, plain } = interpret(
        (given: Given, params: Net) => {
          const network = (x: Tensor, t: Tensor) => net(params, x, [t]);
          const weight = velocityWeight(scheduler, { prediction });
          return {
            weighted: flowMatching({ path, prediction, weight })(network, given, noDraw()),
            velocity: flowMatching({ path })(asVelocity(network, { scheduler, prediction }), given, noDraw()),
            plain: flowMatching({ path, prediction })(network, given, noDraw()),
          };
        },
        pairs,
        netParams(1),
      );
      expect(weighted.data[0]! / velocity.data[0]!).toBeCloseTo(1, 9);
      if (prediction !== "velocity") expect(plain.data[0]! / velocity.data[0]!).not.toBeCloseTo(1, 2);
    }
  },
);

test("velocityWeight is held below 1 / floor^2 at the ends of condOT", () => {
  const at = (prediction: "target" | "noise", floor?: number) =>
    interpret(velocityWeight(condOT, { prediction, ...(floor && { floor }) }), doubles([0, 0.5, 1])).data;
  expect([...at("target")].map(Math.round)).toEqual([1, 4, 400]);
  expect([...at("noise", 0.1)].map(Math.round)).toEqual([100, 4, 1]);
});

test("minSnrWeight is min(s, 5) for the target and min(s, 5) / s for the noise", () => {
  const t = doubles([0, 0.5, 0.6, 0.9, 1]); // s = 0, 1, 2.25, 81, infinity
  const target = interpret(minSnrWeight(condOT, { prediction: "target" }), t).data;
  const noise = interpret(minSnrWeight(condOT, { prediction: "noise" }), t).data;
  [0, 1, 2.25, 5, 5].forEach((value, i) => expect(target[i]).toBeCloseTo(value, 12));
  [1, 1, 1, 5 / 81, 0].forEach((value, i) => expect(noise[i]).toBeCloseTo(value, 12));
});

test("the density of a time sampler as the weight of uniform times is its loss", () => {
  const count = 4000;
  const u = doubles(Array.from({ length: count }, (_, i) => (i + 0.5) / count));
  const pairs = (at: Tensor) => ({
    x0: filled([count, 1], 1, "float64"),
    x1: mul(at, 3).reshape([count, 1]),
    at,
  });
  const lossOf = (options: Parameters<typeof flowMatching>[0], map: (u: Tensor) => Tensor) =>
    interpret((t: Tensor) => flowMatching(options)((x) => x, pairs(map(t)), noDraw()), u).data[0]!;
  const { density, sample: drawn } = cosmapTime;
  const draw = (value: Tensor) => ({ ...noDraw(), uniform: () => value });
  const sampled = lossOf({}, (t) => drawn(draw(t), [count]));
  expect(lossOf({ weight: density! }, (t) => t)).toBeCloseTo(sampled, 5);
  expect(lossOf({}, (t) => t)).not.toBeCloseTo(sampled, 2);
});

describe("refuses", () => {
  const loss = flowMatching();
  const pairs = { x1: float([4, 2]) };
  const identity = (x: Tensor) => x;
  const option = (run: () => unknown) => expect(run).toThrow(expect.objectContaining({ kind: "option" }));
  const shape = (run: () => unknown) => expect(run).toThrow(expect.objectContaining({ kind: "shape" }));

  test("options out of range", () => {
    for (const timesPerSample of [0, -1, 1.5, Number.NaN]) option(() => flowMatching({ timesPerSample }));
    option(() => flowMatching({ prediction: "score" as "noise" }));
    for (const floor of [0, -1, 2, Number.NaN]) {
      option(() => velocityWeight(condOT, { prediction: "target", floor }));
    }
    option(() => minSnrWeight(condOT, { prediction: "target", limit: 0 }));
  });

  test("data that is empty, whole numbers or a scalar", () => {
    for (const x1 of [float([0, 2]), float([]), input("x", { shape: [4, 2], dtype: "int32" })]) {
      shape(() => loss(identity, { x1 }, noDraw()));
    }
  });

  test("sources, times, conditions, weights and answers that do not fit", () => {
    shape(() => loss(identity, { ...pairs, x0: float([4, 3]) }, noDraw()));
    shape(() => loss(identity, { ...pairs, at: float([3]) }, noDraw()));
    shape(() => loss((x, _t, _condition) => x, { ...pairs, condition: float([3]) }, noDraw()));
    shape(() => flowMatching({ weight: () => float([1]) })(identity, pairs, noDraw()));
    expect(() => loss(() => float([4, 1]), pairs, noDraw())).toThrow(
      "flowMatching: expected a network that returns the shape of x, [4,2], got [4, 1].",
    );
    const path = noisy(affine(condOT), constantSpread(1));
    shape(() => flowMatching({ path })(identity, { ...pairs, z: float([4]) }, noDraw()));
  });
});
