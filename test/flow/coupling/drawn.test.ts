import { describe, expect, test } from "vitest";
import { ndarray } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { exactOT, type PlanSpec, resampledOT, sinkhornOT } from "../../../src/flow/coupling/index.ts";
import { sinkhorn, squaredEuclidean } from "../../../src/transport/index.ts";
import { batchOf, costOf, range } from "./batches.ts";

const count = 32;
const batch = batchOf(count);
const specs: PlanSpec[] = [
  { method: "exact" },
  { method: "sinkhorn", epsilon: 1 },
  { method: "unbalanced", epsilon: 1, marginWeight: 10 },
  { method: "partial", epsilon: 1, mass: 0.5 },
];

/** How often each pair comes in `draws` batches, as a share of all pairs. */
function shares(
  pair: (draw: number) => { source: Int32Array; target: Int32Array },
  size: number,
  draws: number,
) {
  const share = new Float64Array(size * size);
  for (let draw = 0; draw < draws; draw++) {
    const { source, target } = pair(draw);
    source.forEach((i, row) => {
      share[i * size + target[row]!]! += 1 / (draws * size);
    });
  }
  return share;
}

describe.each(specs)("resampledOT by $method", (spec) => {
  test("draws batch-many pairs, the same for the same key, others for another", () => {
    const drawn = resampledOT(spec).pair(batch);
    for (const indices of [drawn.source, drawn.target]) {
      expect(indices).toHaveLength(count);
      expect(indices.every((index) => index >= 0 && index < count)).toBe(true);
    }
    expect(resampledOT(spec).pair(batch)).toEqual(drawn);
    expect(resampledOT(spec).pair({ ...batch, key: key("another") })).not.toEqual(drawn);
  });

  test("draws pairs that cost less than independent ones", () => {
    const independently = { source: Int32Array.from(range(count)), target: Int32Array.from(range(count)) };
    expect(costOf(batch, resampledOT(spec).pair(batch))).toBeLessThan(costOf(batch, independently));
  });
});

describe("resampledOT", () => {
  test("of the exact plan draws its pairs and no others, some more than once", () => {
    const { target: best } = exactOT().pair(batch);
    const { source, target } = resampledOT({ method: "exact" }).pair(batch);
    expect(target).toEqual(source.map((i) => best[i]!));
    expect(new Set(source).size).toBeLessThan(count);
  });

  test("leaves out an outlier when transport is unbalanced or partial", () => {
    const x0 = ndarray(Float32Array.from(batch.x0.data), batch.x0.shape);
    x0.data.set([1000, 1000], 0);
    for (const spec of specs.slice(2)) {
      for (let draw = 0; draw < 20; draw++) {
        expect(resampledOT(spec).pair({ ...batch, x0, key: key(draw) }).source).not.toContain(0);
      }
    }
  });
});

describe("sinkhornOT", () => {
  test("draws pairs as often as the plan says, as resampling does", () => {
    const small = batchOf(4);
    const { data: plan } = sinkhorn({ cost: squaredEuclidean(small), epsilon: 3 }).plan;
    const draws = 4000;
    for (const coupling of [sinkhornOT({ epsilon: 3 }), resampledOT({ method: "sinkhorn", epsilon: 3 })]) {
      const share = shares((draw) => coupling.pair({ ...small, key: key(draw) }), 4, draws);
      share.forEach((value, at) => {
        const deviation = Math.sqrt((plan[at]! * (1 - plan[at]!)) / (4 * draws));
        expect(Math.abs(value - plan[at]!)).toBeLessThan(4.5 * deviation + 1e-6);
      });
    }
  });

  test("uses every x0 once, in order", () => {
    expect(Array.from(sinkhornOT({ epsilon: 1 }).pair(batch).source)).toEqual(range(count));
  });

  test("is exact transport for small epsilon", () => {
    const few = batchOf(6);
    expect(sinkhornOT({ epsilon: 1e-3 }).pair(few)).toEqual(exactOT().pair(few));
  });
});
