import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  type CompareProgress,
  type Comparison,
  compare,
  comparisonJson,
  type MethodName,
  methodNames,
  methods,
} from "../../../src/app/compare/index.ts";
import { checkerboard, twoMoons } from "../../../src/data/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { dataFloor, wasserstein2 } from "../../../src/metrics/index.ts";
import { timeless, tiny } from "./tiny.ts";

const data = checkerboard();

describe("a comparison of all methods", () => {
  const told: CompareProgress[] = [];
  const saved: Comparison[] = [];
  let all: Comparison;
  const rowsOf = (method: string) => all.rows.filter((row) => row.method === method);

  beforeAll(async () => {
    all = await compare({
      data,
      budget: tiny,
      progress: (state) => void told.push(state),
      finished: (soFar) => void saved.push(soFar),
    });
  });

  test("has the floor, and a row for each method and number of calls", () => {
    const wanted = methodNames.flatMap((method) => tiny.nfe.map((nfe) => ({ method, nfe })));
    expect(all.rows.map(({ method, nfe }) => ({ method, nfe }))).toEqual([
      { method: "data", nfe: 0 },
      ...wanted,
    ]);
    expect(all.missing).toEqual([]);
  });

  test("is a document of this form", () => {
    const error = z.number().positive();
    const common = {
      w2: z.number().positive(),
      w2StdErr: error,
      w2Values: z.array(z.number().positive()).length(tiny.repeats),
      energyDistance: z.number().positive(),
      energyDistanceStdErr: error,
    };
    const floor = z.strictObject({
      ...common,
      method: z.literal("data"),
      nfe: z.literal(0),
      straightness: z.null(),
      reproducible: z.null(),
      largestDifference: z.null(),
      trainSeconds: z.literal(0),
      trainSteps: z.literal(0),
    });
    const row = z.strictObject({
      ...common,
      method: z.enum(methodNames),
      nfe: z.literal([...tiny.nfe]),
      straightness: z.number().min(0).nullable(),
      reproducible: z.boolean(),
      largestDifference: z.number().min(0),
      trainSeconds: z.number().positive(),
      trainSteps: z.int().positive(),
    });
    const claim = z.strictObject({
      claim: z.string(),
      difference: z.number(),
      stdErr: z.number().min(0),
      holds: z.boolean(),
    });
    const document = z.strictObject({
      data: z.literal("checkerboard"),
      seed: z.literal(0),
      budget: z.looseObject({ steps: z.literal(tiny.steps) }),
      rows: z.tuple([floor], row),
      theory: z.array(claim),
      missing: z.array(z.enum(methodNames)),
      seconds: z.number().positive(),
    });
    const read = JSON.parse(JSON.stringify(comparisonJson(all))) as unknown;
    expect(document.parse(read)).toEqual(comparisonJson(all));
  });

  test("finds ODE samplers reproducible to the bit, and the one that draws noise not", () => {
    for (const method of methodNames) {
      const differences = rowsOf(method).map(({ largestDifference }) => largestDifference);
      if (method === "ddpm") expect(Math.max(...differences.map(Number))).toBeGreaterThan(0.1);
      else expect(differences).toEqual(tiny.nfe.map(() => 0));
      expect(rowsOf(method).map(({ reproducible }) => reproducible)).toEqual(
        tiny.nfe.map(() => method !== "ddpm"),
      );
    }
  });

  test("has a straightness where x0 decides the way", () => {
    for (const method of methodNames) {
      const values = new Set(rowsOf(method).map(({ straightness }) => straightness));
      expect(values.size).toBe(1);
      expect([...values][0] === null).toBe(methods[method].stochastic);
    }
  });

  test("counts both rounds of rectified flow, and the one training of ddpm and ddim for each", () => {
    const stepsOf = (method: MethodName) => rowsOf(method)[0]!.trainSteps;
    const secondsOf = (method: MethodName) => rowsOf(method)[0]!.trainSeconds;
    expect(stepsOf("rectified")).toBe(2 * tiny.steps);
    for (const name of methodNames) if (name !== "rectified") expect(stepsOf(name)).toBe(tiny.steps);
    expect(secondsOf("rectified")).toBeGreaterThan(secondsOf("flow"));
    expect(secondsOf("ddim")).toBe(secondsOf("ddpm"));
  });

  test("starts ddpm and ddim alike: with one call there is no noise to draw", () => {
    expect(rowsOf("ddpm")[0]!.w2Values).toEqual(rowsOf("ddim")[0]!.w2Values);
    expect(rowsOf("ddpm")[1]!.w2Values).not.toEqual(rowsOf("ddim")[1]!.w2Values);
  });

  test("has the floor that two sets of data have, within errors", () => {
    const many = dataFloor({
      distance: wasserstein2,
      draw: data.sample,
      count: tiny.count,
      key: key("many"),
      repeats: 40,
    });
    const [floor] = all.rows;
    expect(Math.abs(floor!.w2 - many.value)).toBeLessThan(4 * Math.hypot(floor!.w2StdErr, many.stdError));
  });

  test("tells how far it is, up to the end", () => {
    const done = told.map((state) => state.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done[0]!).toBeGreaterThan(0);
    expect(done.at(-1)!).toBeCloseTo(1, 10);
    expect(told.at(-1)!.secondsLeft).toBeCloseTo(0, 5);
    expect(new Set(told.map(({ doing }) => doing))).toContain("ot-flow: training");
  });

  test("gives what it has whenever a method is finished", () => {
    expect(saved.map(({ missing }) => missing.length)).toEqual([6, 5, 4, 3, 2, 1, 0]);
    expect(saved[1]!.rows).toEqual(all.rows.slice(0, 1 + 2 * tiny.nfe.length));
  });

  test("finds the same when it compares fewer: rows depend on nothing but the seed", async () => {
    const again = await compare({ data, budget: tiny, methods: ["rectified", "ddim"] });
    const kept = all.rows.filter(({ method }) => ["data", "rectified", "ddim"].includes(method));
    expect(timeless(again.rows)).toEqual(timeless(kept));
    const other = await compare({ data, budget: tiny, methods: ["ddim"], seed: 1 });
    expect(other.rows[1]!.w2).not.toBe(rowsOf("ddim")[0]!.w2);
  });
});

describe("compare", () => {
  test("keeps what is finished when it is interrupted", async () => {
    const stop = new AbortController();
    const comparison = await compare({
      data: twoMoons(),
      budget: tiny,
      methods: ["vp", "flow"],
      signal: stop.signal,
      progress: ({ doing }) => doing === "flow: training" && stop.abort(),
    });
    expect(comparison.missing).toEqual(["flow"]);
    expect(comparison.rows.map(({ method }) => method)).toEqual(["data", "vp", "vp", "vp"]);
  });

  test("hears signals while it trains: timers have their turn", async () => {
    const stop = new AbortController();
    const budget = { ...tiny, steps: 50_000 };
    setTimeout(() => stop.abort(), 100);
    const { missing, seconds } = await compare({ data, budget, methods: ["flow"], signal: stop.signal });
    expect(missing).toEqual(["flow"]);
    expect(seconds).toBeLessThan(5);
  });

  test("fits its steps into a time, by how long a trial of 300 takes", async () => {
    const fitted = async (seconds: number) => {
      let ms = 0;
      const clock = { nowMs: () => (ms += 0.001) }; // as if every look at it took a microsecond
      const { budget } = await compare({ data, budget: tiny, methods: ["vp"], seconds, clock });
      expect(budget).toEqual({ ...tiny, steps: budget.steps });
      return budget.steps;
    };
    const [short, long] = [await fitted(0.0002), await fitted(0.0004)];
    expect(short).toBeGreaterThan(10);
    expect(long / short).toBeGreaterThan(1.9);
    expect(long / short).toBeLessThan(2.4);
    await expect(fitted(0.00001)).rejects.toMatchObject({ kind: "option" });
  });

  test.each([
    [{ methods: ["ddpn"] }, "Did you mean ddpm?"],
    [{ methods: ["flow", "flow"] }, "each once"],
    [{ methods: [] }, "each once"],
    [{ budget: { ...tiny, repeats: 1 } }, "repeats"],
    [{ budget: { ...tiny, steps: 1.5 } }, "steps"],
    [{ budget: { ...tiny, nfe: [5, 2] } }, "ascending"],
    [{ budget: { ...tiny, learningRate: 0 } }, "learningRate"],
  ])("refuses %j", async (request, message) => {
    await expect(compare({ data, budget: tiny, ...request } as never)).rejects.toMatchObject({
      kind: "option",
      message: expect.stringContaining(message),
    });
  });

  test("ends with a training that diverges", async () => {
    const budget = { ...tiny, learningRate: 1e30 };
    await expect(compare({ data, budget, methods: ["flow"] })).rejects.toMatchObject({
      kind: "numerical",
    });
  });
});
