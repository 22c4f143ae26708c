import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { takeRows } from "../../../src/engine/array/index.ts";
import {
  type CouplingSpec,
  couplingOf,
  type WorkerCouplingOptions,
  workerCoupling,
} from "../../../src/flow/coupling/index.ts";
import { paired } from "../../../src/flow/matching/index.ts";
import { batchOf, labels } from "./batches.ts";

/** How many threads were started, and a way to end the last of them. */
const threads = vi.hoisted(() => ({ count: 0, kill: () => {} }));

vi.mock("node:worker_threads", async (original) => {
  const module = await original<typeof import("node:worker_threads")>();
  class Worker extends module.Worker {
    constructor(url: URL) {
      super(url);
      threads.count++;
      threads.kill = () => void this.terminate();
    }
  }
  return { ...module, Worker };
});
afterEach(() => {
  threads.count = 0;
});

function started(spec: CouplingSpec, options: WorkerCouplingOptions = {}) {
  const coupling = workerCoupling(spec, { fromRows: 1, ...options });
  onTestFinished(() => coupling[Symbol.dispose]());
  return coupling;
}

const batch = batchOf(24, labels(24, 3));

describe.each<CouplingSpec>([
  { kind: "exactOT" },
  { kind: "classwiseOT" },
  { kind: "conditionalOT", options: { weight: 1 } },
  { kind: "sinkhornOT", options: { epsilon: 1 } },
  { kind: "resampledOT", options: { method: "exact" } },
])("$kind in a worker", (spec) => {
  test("returns the pairs that it returns here", async () => {
    const coupling = started(spec, { warn: (text) => expect.unreachable(text) });
    expect(await coupling.pair(batch)).toEqual(couplingOf(spec).pair(batch));
    expect(threads.count).toBe(1);
  });
});

test("rows follow its pairs, and arrays that are views of larger ones stay as they are", async () => {
  const coupling = started({ kind: "exactOT" });
  const wide = batchOf(40);
  const view = {
    ...wide,
    x1: {
      ...wide.x1,
      shape: [20, ...wide.x1.shape.slice(1)],
      data: wide.x1.data.subarray(wide.x1.data.length / 2),
    },
    x0: takeRows(
      wide.x0,
      Int32Array.from({ length: 20 }, (_, i) => i),
    ),
  };
  const here = paired(couplingOf({ kind: "exactOT" }), view);
  expect(await paired(coupling, view)).toEqual(here);
  expect(view.x1.data.byteLength).toBeGreaterThan(0);
});

test("small batches and independent pairs start no thread", async () => {
  await started({ kind: "exactOT" }, { fromRows: 25 }).pair(batch);
  await started({ kind: "independent" }).pair(batch);
  expect(threads.count).toBe(0);
});

test("a bad batch is the coupling's own error, and the next one is paired", async () => {
  const coupling = started({ kind: "exactOT" });
  const broken = { ...batch, x1: { ...batch.x1, data: batch.x1.data.map(() => Number.NaN) } };
  await expect(coupling.pair(broken)).rejects.toMatchObject({
    name: "AdvectError",
    kind: "numerical",
    where: "squaredEuclidean",
  });
  expect((await coupling.pair(batch)).target).toHaveLength(24);
  expect(threads.count).toBe(1);
});

test("when the thread dies the pairs come from here, with one warning", async () => {
  const warn = vi.fn();
  const coupling = started({ kind: "exactOT" }, { warn });
  const expected = couplingOf({ kind: "exactOT" }).pair(batch);
  await coupling.pair(batch);
  const waiting = [coupling.pair(batch), coupling.pair(batch)];
  threads.kill();
  expect(await Promise.all(waiting)).toEqual([expected, expected]);
  expect(await coupling.pair(batch)).toEqual(expected);
  expect(warn.mock.calls).toEqual([[expect.stringMatching(/without a worker.*the worker ended/)]]);
  expect(threads.count).toBe(1);
});

test("an abort rejects with its reason, and disposal says what is wrong", async () => {
  const coupling = started({ kind: "exactOT" });
  const controller = new AbortController();
  const waiting = coupling.pair({ ...batch, signal: controller.signal });
  controller.abort("enough");
  await expect(waiting).rejects.toBe("enough");
  await expect(coupling.pair({ ...batch, signal: controller.signal })).rejects.toBe("enough");
  const last = coupling.pair(batch);
  coupling[Symbol.dispose]();
  await expect(last).rejects.toThrow("disposed");
  await expect(coupling.pair(batch)).rejects.toMatchObject({ kind: "option" });
});

test("a spec that is wrong is refused before a thread starts", () => {
  expect(() => workerCoupling({ kind: "magic" } as never)).toThrow("magic");
});
