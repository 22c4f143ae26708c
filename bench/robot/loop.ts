import { mkdirSync, writeFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { DurationSummary, LoopReport, LoopStatistics } from "advect/robot";
import type { Part } from "../flow/part.ts";
import { machine } from "../harness/machine.ts";
import type { Row } from "../harness/results.ts";
import { inRoot } from "../harness/root.ts";
import { runArm } from "./arm.ts";

/** A 50 Hz loop for a minute, while the process makes garbage. */
export const loop: Part = {
  name: "loop",
  remark:
    "seven joints at 50 Hz, chunks of 16 from a policy of 1 M parameters in a worker, one every 8 ticks, while a thread of the process allocates 100 MB/s, of which one part in 50 lives for a second, beside 50 MB that stay. The loop has a thread of its own, or shares that thread and so waits for its collector; two seconds of warm-up do not count. A miss is an action issued more than 2 ms after its tick, a tick without an action of a chunk, or a tick left out. The histograms are in results/raw/robot-loop.json.",
  async run({ quick }) {
    const maxSteps = quick ? 250 : 3000;
    const reports = [
      { name: "50 Hz loop in a thread of its own", report: await underPressure(() => inThread(maxSteps)) },
      {
        name: "50 Hz loop in the thread that allocates",
        report: await underPressure(() => runArm(maxSteps)),
      },
    ];
    for (const { name, report } of reports) console.log(`${name}: ${described(report)}`);
    if (!quick) saveRaw(reports);
    return reports.map(rowOf);
  },
};

/** `runArm` in a worker. */
function inThread(maxSteps: number): Promise<LoopReport> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL("./loop-thread.js", import.meta.url), { workerData: maxSteps });
    thread.on("message", resolve);
    thread.on("error", reject);
  });
}

/** Every 5 ms half a megabyte of small objects, as decoded messages and logs are. */
async function underPressure<T>(run: () => Promise<T>): Promise<T> {
  const objects = (count: number) => Array.from({ length: count }, (_, i) => ({ i, x: 0.5 * i, list: [i] }));
  const resident = objects(500_000);
  const kept: unknown[][] = [];
  let bytes = 0;
  const allocate = () => {
    const before = process.memoryUsage().heapUsed;
    kept.push(objects(5000).filter((_, i) => i % 50 === 0));
    bytes += Math.max(0, process.memoryUsage().heapUsed - before);
    if (kept.length > 200) kept.shift();
  };
  const startMs = performance.now();
  const pressure = setInterval(allocate, 5);
  try {
    return await run();
  } finally {
    clearInterval(pressure);
    const perSecond = bytes / (performance.now() - startMs) / 1000;
    console.log(`${perSecond.toFixed(0)} MB/s allocated beside ${resident.length} objects`);
  }
}

const durations = ["lateness", "timer", "garbage", "work", "inference", "observation"] as const;

function described({ status, reason, statistics }: LoopReport): string {
  const lines = durations.map((name) => `  ${name.padEnd(11)} ${textOf(statistics[name])}`);
  const { misses, ticks, garbagePauses: pauses, delaySteps, jerk, worst } = statistics;
  const { inside, boundary } = jerk;
  const rms = (values: readonly number[]) => Math.max(...values).toFixed(0);
  return [
    `${status} (${reason}); misses: ${JSON.stringify(misses)}; ticks: ${JSON.stringify(ticks)}`,
    ...lines,
    `  worst       ${worst.map(lateText).join(", ")}`,
    `  collector   ${pauses.count} pauses, ${pauses.totalMs.toFixed(0)} ms in all, longest ${pauses.maxMs.toFixed(2)} ms`,
    `  delays      ${delaySteps.map((count, steps) => `${count} of ${steps} ticks`).join(", ")}`,
    `  jerk        rms of the worst joint ${rms(inside.rms)} inside chunks, ${rms(boundary.rms)} at boundaries (rad/s^3)`,
  ].join("\n");
}

const lateText = ({ tick, timerMs, garbageMs, workMs }: LoopStatistics["worst"][number]) =>
  `tick ${tick}: ${timerMs.toFixed(2)} + ${garbageMs.toFixed(2)} + ${workMs.toFixed(2)}`;

function textOf({ count, p50Ms, p95Ms, p99Ms, maxMs }: DurationSummary): string {
  const [p50, p95, p99, max] = [p50Ms, p95Ms, p99Ms, maxMs].map((ms) => ms.toFixed(3));
  return `p50 ${p50}, p95 ${p95}, p99 ${p99}, max ${max} ms of ${count}`;
}

interface Named {
  readonly name: string;
  readonly report: LoopReport;
}

function rowOf({ name, report: { status, statistics } }: Named): Row {
  const { lateness, misses, ticks } = statistics;
  const minMs = lateness.histogram[0]?.toMs ?? 0;
  return {
    name: `lateness of actions, ${name}`,
    advect: { medianMs: lateness.p50Ms, minMs, settings: "asynchronous, policy in a worker, one thread" },
    peer: null,
    ratio: null,
    target: null,
    note: `${status}: ${misses.total} misses in ${ticks.playing} ticks; ${partsOf(statistics)}`,
  };
}

const partsOf = (statistics: LoopStatistics) =>
  durations
    .map((name) => {
      const { p50Ms, p99Ms, maxMs } = statistics[name];
      return `${name} p50 ${p50Ms.toFixed(3)}, p99 ${p99Ms.toFixed(3)}, max ${maxMs.toFixed(3)} ms`;
    })
    .join("; ");

function saveRaw(reports: readonly Named[]): void {
  const folder = inRoot("bench", "results", "raw");
  mkdirSync(folder, { recursive: true });
  const whole = { machine: machine(), reports };
  writeFileSync(`${folder}/robot-loop.json`, `${JSON.stringify(whole, null, 2)}\n`);
}
