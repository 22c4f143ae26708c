import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { columnOf, loadLeRobot } from "../../../src/data/index.ts";
import {
  controlLoop,
  episodeTicks,
  jsonlRecorder,
  parseTicks,
  type Tick,
} from "../../../src/robot/control/index.ts";
import { chunkOf, frameAt, type JointFrame, joined, jointRobot, type Predict, spec } from "./worlds.ts";

const folder = mkdtempSync(join(tmpdir(), "advect-record-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ramp: Predict = async ({ observation }) =>
  chunkOf(observation["observation.state"]!.data.at(-1)! + 0.001, 0.001);

const tickAt = (tick: number, more: Partial<Tick<JointFrame>> = {}): Tick<JointFrame> => ({
  ...{ tick, state: "playing", dueMs: 20 * tick, issuedMs: 20 * tick + 0.5, clamps: [], chunk: 0 },
  ...{ wanted: Float64Array.of(tick), action: Float64Array.of(tick / 10), frame: frameAt(tick) },
  ...more,
});

describe("ticks as lines of JSON", () => {
  test("are all there after a run, with what was seen, wanted and given", async () => {
    const path = join(folder, "run", "ticks.jsonl");
    const recorder = jsonlRecorder(path);
    const { robot, ...options } = joined(ramp, { recorder, maxSteps: 30 });
    await controlLoop({ ...options, robot });
    await recorder.close();
    const lines = parseTicks(readFileSync(path, "utf8"));
    expect(lines.map(({ tick }) => tick)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(lines.map(({ action }) => action![0])).toEqual(robot.commands);
    expect(lines[7]).toMatchObject({ state: "playing", chunk: 4, dueMs: 140, clamps: [] });
    expect(lines[7]!.frame!["observation.state"]![0]).toBeCloseTo(robot.commands[6]!, 6);
    expect(recorder.lost).toBe(0);
  });

  test("have no frame where there was none, and not the features to leave out", async () => {
    const path = join(folder, "bare.jsonl");
    const recorder = jsonlRecorder(path, { without: ["observation.state"] });
    recorder.tick(tickAt(0));
    recorder.tick(tickAt(1, { frame: undefined, wanted: undefined, action: undefined, chunk: undefined }));
    await recorder.close();
    const [first, second] = parseTicks(readFileSync(path, "utf8"));
    expect(first!.frame).toEqual({});
    expect(second).toMatchObject({ frame: null, wanted: null, action: null, chunk: null });
  });

  test("are read up to the line that a killed process did not finish", () => {
    const whole = JSON.stringify({ tick: 0 });
    expect(parseTicks(`${whole}\n${whole}\n{"tick": 1, "sta`)).toEqual([{ tick: 0 }, { tick: 0 }]);
  });

  test("outlive the process", { timeout: 20_000 }, async () => {
    const path = join(folder, "killed.jsonl");
    const script = new URL("./endless-recording.mjs", import.meta.url).pathname;
    const args = ["--conditions=advect-source", script, path];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (text: Buffer) => text.includes("100 ticks") && resolve());
    });
    child.kill("SIGKILL");
    await new Promise((resolve) => child.on("exit", resolve));
    const ticks = parseTicks(readFileSync(path, "utf8")).map(({ tick }) => tick);
    expect(ticks.length).toBeGreaterThanOrEqual(95);
    expect(ticks).toEqual(Array.from(ticks, (_, i) => i));
  });

  test("are counted as lost where the disk fails, and nothing is thrown", async () => {
    const files = { appendLine: () => Promise.reject(new Error("disk full")) };
    const recorder = jsonlRecorder("anywhere", { files });
    for (let tick = 0; tick < 5; tick++) recorder.tick(tickAt(tick));
    await recorder.close();
    expect(recorder.lost).toBe(5);
  });

  test("wait for a slow disk in bounded memory", async () => {
    let release = () => {};
    const slow = new Promise<void>((resolve) => (release = resolve));
    const written: string[] = [];
    const files = { appendLine: (_: string, line: string) => slow.then(() => void written.push(line)) };
    const recorder = jsonlRecorder("anywhere", { files });
    for (let tick = 0; tick < 10_101; tick++) recorder.tick(tickAt(tick));
    expect(recorder.lost).toBe(100);
    release();
    await recorder.close();
    expect(parseTicks(`${written.join("\n")}\n`)).toHaveLength(10_001);
  });
});

describe("a run as an episode", () => {
  test("is added to a LeRobot data set, with observations and commands", async () => {
    const target = join(folder, "set");
    const commands: number[][] = [];
    for (let run = 0; run < 2; run++) {
      const recorder = episodeTicks({ folder: target, spec, task: "stay" });
      const { robot, ...options } = joined(ramp, { robot: jointRobot(run / 4), recorder, maxSteps: 12 });
      await controlLoop({ ...options, robot });
      await recorder.close();
      commands.push([...robot.commands]);
    }
    const set = await loadLeRobot(target);
    expect(set).toMatchObject({ fps: 50, tasks: ["stay"] });
    expect(set.episodes.map(({ start, end }) => end - start)).toEqual([12, 12]);
    const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 6));
    expect([...columnOf(set, "action").data]).toEqual(close(commands.flat()));
    const seen = commands.flatMap((all, run) => [run / 4, ...all.slice(0, -1)]);
    expect([...columnOf(set, "observation.state").data]).toEqual(close(seen));
  });

  test("keeps frames a period apart: what is missing is what was before", async () => {
    const target = join(folder, "gaps");
    const recorder = episodeTicks({ folder: target, spec });
    recorder.tick(tickAt(0, { frame: undefined }));
    for (const tick of [1, 2, 5]) recorder.tick(tickAt(tick));
    recorder.tick(tickAt(6, { frame: undefined }));
    await recorder.close();
    const set = await loadLeRobot(target);
    expect([...columnOf(set, "observation.state").data]).toEqual([1, 2, 2, 2, 5, 5]);
    expect([...columnOf(set, "action").data]).toEqual([0.1, 0.2, 0.2, 0.2, 0.5, 0.6].map(Math.fround));
  });

  test("of nothing is refused", async () => {
    const recorder = episodeTicks({ folder: join(folder, "nothing"), spec });
    await expect(recorder.close()).rejects.toMatchObject({ kind: "option" });
  });
});
