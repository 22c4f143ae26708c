import { expect, test } from "vitest";
import { key, ndarray } from "../../src/engine/index.ts";
import { neuralPolicy, type Observation, remote } from "../../src/robot/index.ts";
import { tinyDesign, tinyTraining } from "../robot/policy/tiny.ts";
import { soak } from "../robot/serve/soak.ts";

const seconds = Number(process.env.ADVECT_SECONDS ?? 600);

const observationOf = (i: number): Observation => ({
  "observation.state": ndarray(Float32Array.of(i / 64, -1, i / 32, 1), [2, 2]),
  "observation.target": ndarray(Float32Array.of(i / 64, i / 32), [2, 1]),
});

test("64 clients for ten minutes: no error, memory flat, a network in a worker", async () => {
  using training = await tinyTraining({ design: tinyDesign({ kind: "flow" }) });
  const model = training.model();
  using local = await neuralPolicy(model);
  const ids = Array.from({ length: 64 }, (_, i) => i);
  const chunks = await local.predictMany(ids.map((i) => ({ observation: observationOf(i), key: key(i) })));
  using policy = await remote({ model });
  const report = await soak({
    policy,
    clientCount: ids.length,
    seconds,
    pauseMs: 100,
    observation: observationOf,
    fault: (i, actions) => {
      const apart = Math.max(...actions.map((value, at) => Math.abs(value - chunks[i]!.actions.data[at]!)));
      return apart < 1e-3 ? undefined : `${apart} apart from its own chunk`;
    },
  });
  const { statistics, ...rest } = report;
  const { clients, ...total } = statistics;
  const p99 = clients.map(({ latencyMs }) => latencyMs!.p99).sort((a, b) => a - b);
  console.log(
    JSON.stringify({ ...rest, rudeEnds: report.rudeEnds.length, total, clientP99Ms: [p99[0], p99.at(-1)] }),
  );
  expect(report.faults).toEqual([]);
  expect(total.errors).toBe(report.rudeEnds.filter((code) => code !== 1006).length);
  expect(report.heap[1] - report.heap[0]).toBeLessThan(4 * 2 ** 20);
  expect(report.healthzMs.p50).toBeLessThan(10);
});
