import { describe, expect, test } from "vitest";
import { ndarray } from "../../../src/engine/array/index.ts";
import { AdvectError } from "../../../src/engine/error.ts";
import { type CouplingSpec, couplingOf, runPairingJob } from "../../../src/flow/coupling/index.ts";
import { batchOf, labels } from "./batches.ts";

const specs: CouplingSpec[] = [
  { kind: "independent" },
  { kind: "exactOT" },
  { kind: "classwiseOT" },
  { kind: "conditionalOT", options: { weight: 1, distance: "discrete" } },
  { kind: "sinkhornOT", options: { epsilon: 1 } },
  { kind: "resampledOT", options: { method: "partial", epsilon: 1, mass: 0.5 } },
];

const batch = batchOf(12, labels(12, 3));
const { key: drawn, ...arrays } = batch;

describe.each(specs)("the job of $kind", (coupling) => {
  test("survives a copy as a worker would get it, and returns the same pairs", () => {
    const job = { coupling, ...arrays, keyWords: drawn.words };
    const sent = structuredClone(job);
    expect(structuredClone(runPairingJob(sent))).toEqual(couplingOf(coupling).pair(batch));
  });
});

describe("every coupling", () => {
  const short = ndarray(new Float32Array(8), [4, 2]);
  const empty = ndarray(new Float32Array(0), [0, 2]);
  const broken = { ...arrays.x1, data: arrays.x1.data.map(() => Number.NaN) };

  test.each(specs)("$kind refuses batches of two sizes, empty ones and samples without axes", (spec) => {
    const coupling = couplingOf(spec);
    const scalar = ndarray(new Float32Array(1), []);
    for (const bad of [{ x0: short }, { x1: short }, { x0: empty, x1: empty }, { x0: scalar, x1: scalar }]) {
      expect(() => coupling.pair({ ...batch, ...bad })).toThrow(AdvectError);
    }
  });

  test.each(specs.slice(1))("$kind refuses NaN", (spec) => {
    expect(() => couplingOf(spec).pair({ ...batch, x1: broken })).toThrow(AdvectError);
    expect(() => couplingOf(spec).pair({ ...batch, x0: broken })).toThrow(AdvectError);
  });

  test.each(specs.slice(2, 4))("$kind refuses a condition that is absent or of another length", (spec) => {
    const coupling = couplingOf(spec);
    for (const condition of [undefined, labels(11, 3), ndarray(new Float32Array(1), [])]) {
      expect(() => coupling.pair({ ...batch, condition })).toThrow(AdvectError);
    }
  });

  test("classwiseOT refuses labels that are vectors or NaN", () => {
    const coupling = couplingOf({ kind: "classwiseOT" });
    const vectors = ndarray(new Float32Array(24), [12, 2]);
    const unknown = ndarray(new Float32Array(12).fill(Number.NaN), [12]);
    for (const condition of [vectors, unknown]) {
      expect(() => coupling.pair({ ...batch, condition })).toThrow(AdvectError);
    }
  });

  test.each([-1, Number.NaN, Infinity])("conditionalOT refuses weight %f", (weight) => {
    expect(() => couplingOf({ kind: "conditionalOT", options: { weight } })).toThrow(AdvectError);
  });

  test.each([0, -1, Number.NaN])("sinkhornOT and resampledOT refuse epsilon %f", (epsilon) => {
    const refused: CouplingSpec[] = [
      { kind: "sinkhornOT", options: { epsilon } },
      { kind: "resampledOT", options: { method: "sinkhorn", epsilon } },
    ];
    for (const spec of refused) expect(() => couplingOf(spec).pair(batch)).toThrow(AdvectError);
  });

  test("kinds and methods that do not exist are refused by name", () => {
    expect(() => couplingOf({ kind: "magic" } as unknown as CouplingSpec)).toThrow("magic");
    const spec = { kind: "resampledOT", options: { method: "magic" } } as unknown as CouplingSpec;
    expect(() => couplingOf(spec).pair(batch)).toThrow("magic");
  });

  test("unbalanced transport that destroys all mass says so", () => {
    const options = { method: "unbalanced", epsilon: 0.01, marginWeight: 0.01 } as const;
    const far = { ...batch, x1: { ...batch.x1, data: batch.x1.data.map((value) => value + 1000) } };
    expect(() => couplingOf({ kind: "resampledOT", options }).pair(far)).toThrow("marginWeight");
  });
});
