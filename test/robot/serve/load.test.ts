import { expect, test } from "vitest";
import { soak, soakFrames } from "./soak.ts";
import { toyPolicy } from "./toy-policy.ts";

test("64 clients for 5 seconds: everyone gets his own answers, garbage harms no one, memory stays flat", async () => {
  const takes = () => new Promise<void>((resolve) => setTimeout(resolve, 3));
  const report = await soak({
    policy: toyPolicy({ takes }),
    clientCount: 64,
    seconds: 5,
    pauseMs: 60,
    observation: soakFrames,
    fault: (i, actions) => (actions[0] === i ? undefined : `expected ${i}, got ${actions[0]}`),
  });
  expect(report.faults).toEqual([]);
  expect(report.requests).toBeGreaterThan(64 * 5);
  expect(report.statistics.batches).toBeLessThan(report.requests / 2);
  expect(new Set(report.rudeEnds)).toEqual(new Set([1007, 1003, 1006]));
  expect(report.healthzMs.p50).toBeLessThan(50);
  expect(report.heap[1] - report.heap[0]).toBeLessThan(4 * 2 ** 20);
});
