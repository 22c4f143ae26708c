import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { key, uniform } from "../../src/engine/random/index.ts";
import { fit, newestCheckpoint, readLog, snapshotOf } from "../../src/train/index.ts";
import { batches, heldOut, netTrainer, run } from "./fitting.ts";
import { scratchFolder } from "./scratch.ts";

const root = join(import.meta.dirname, "../..");
const conditions = ["advect-source", "node"];
const scratch = scratchFolder();
let outDir = "";

beforeAll(async () => {
  mkdirSync(join(root, ".tmp"), { recursive: true });
  outDir = mkdtempSync(join(root, ".tmp", "kill-"));
  await build({
    configFile: false,
    logLevel: "error",
    root,
    resolve: { conditions },
    ssr: { resolve: { conditions }, noExternal: /fflate/ },
    build: {
      ssr: join(import.meta.dirname, "fit-child.ts"),
      outDir,
      target: "node20",
      rolldownOptions: { output: { entryFileNames: "main.mjs" } },
    },
  });
});
afterAll(() => rmSync(outDir, { recursive: true, force: true }));

const steps = 3000;

interface Child {
  readonly process: ChildProcess;
  readonly text: () => string;
  /** How it ended. */
  readonly ended: Promise<readonly [code: number | null, signal: string | null]>;
}

/** A process that trains; returned once the first steps are done. */
async function training(): Promise<Child> {
  const child = spawn(process.execPath, [join(outDir, "main.mjs"), scratch(), `${steps}`]);
  const ended = once(child, "close") as unknown as Child["ended"];
  let text = "";
  child.stderr.on("data", (chunk) => (text += chunk));
  child.stdout.on("data", (chunk) => (text += chunk));
  await Promise.race([once(child.stdout, "data"), ended]);
  return { process: child, text: () => text, ended };
}

/** Until a checkpoint was due since it began. */
async function savedOnce({ text, process }: Child): Promise<void> {
  const steps = () => [...text().matchAll(/^step (\d+)\//gm)].map(([, step]) => Number(step));
  while (process.exitCode === null && steps().at(-1)! < steps()[0]! + 6) await sleep(1);
}

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

const untimed = async (path: string) =>
  (await readLog(path)).map(({ seconds, samplesPerSecond, ...entry }) => entry);

test("a run that is killed six times ends with the bits of one that never stopped", async () => {
  using whole = await netTrainer();
  const log = { path: scratch("whole.jsonl"), every: 3 };
  await fit({ trainer: whole, batches, key: run, steps, log, validate: { batches: heldOut, every: 50 } });

  const delays = uniform(key("moments"), [6], { low: 0, high: 100 }).data;
  for (const [i, delay] of delays.entries()) {
    const child = await training();
    if (i % 2 === 1) await savedOnce(child);
    await sleep(delay);
    child.process.kill("SIGKILL");
    expect(await child.ended, child.text()).toEqual([null, "SIGKILL"]);
  }
  const last = await training();
  expect(await last.ended, last.text()).toEqual([0, null]);
  const [, start] = /^step (\d+)\//.exec(last.text())!;
  expect(Number(start)).toBeGreaterThan(6);
  expect(Number(start)).toBeLessThan(steps);

  const checkpoint = await newestCheckpoint(scratch("checkpoints"));
  expect(checkpoint!.progress.step).toBe(steps);
  expect(snapshotOf(checkpoint!, whole.snapshot())).toEqual(whole.snapshot());
  expect(await untimed(scratch("log.jsonl"))).toEqual(await untimed(log.path));
});

test("Ctrl-C finishes the step, saves, says how to resume and ends in order", async () => {
  const child = await training();
  await sleep(50);
  child.process.kill("SIGINT");
  expect(await child.ended, child.text()).toEqual([0, null]);
  const [, step, folder] =
    /Stopped at step (\d+) of 3000, saved in (\S+)\. To resume, run the same again\.\naborted\n$/.exec(
      child.text(),
    )!;
  const checkpoint = await newestCheckpoint(scratch("checkpoints"));
  expect([checkpoint!.progress.step, checkpoint!.folder]).toEqual([Number(step), folder]);
});
