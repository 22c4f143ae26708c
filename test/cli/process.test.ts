import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { manifest, root } from "../project/sources.ts";
import { temporaryFolder } from "./harness.ts";

const conditions = ["advect-source", "node"];
let folder = "";

/** The program as its users start it, from the sources: dist/ may be older. */
beforeAll(async () => {
  mkdirSync(join(root, ".tmp"), { recursive: true });
  folder = mkdtempSync(join(root, ".tmp", "cli-"));
  await build({
    configFile: false,
    logLevel: "error",
    root,
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    build: {
      ssr: join(root, "src/cli/main.ts"),
      outDir: folder,
      target: "node20",
      rolldownOptions: { output: { entryFileNames: "main.mjs" } },
    },
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `advect`; `onError` sees what it writes to stderr. */
async function started(
  args: readonly string[],
  onError: (text: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<Ended> {
  const child = spawn(process.execPath, [join(folder, "main.mjs"), ...args]);
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (said.stdout += chunk));
  child.stderr.on("data", (chunk) => {
    said.stderr += chunk;
    onError(said.stderr, (signal) => child.kill(signal));
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { code, signal, ...said };
}

const sizes = [
  "--threads",
  "1",
  "--set",
  "model.hidden=8",
  "--set",
  "training.batch=32",
  "--set",
  "sampling.count=32",
];
const bytes = (run: string, step: string) =>
  ["model", "ema", "optimizer"].map((name) => readFileSync(`${run}/checkpoints/${step}/${name}.safetensors`));

const mount = (folder: string, size: string) =>
  process.platform === "linux" &&
  spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder]).status === 0;

describe("the process", () => {
  test("saves at Ctrl-C, ends with 130 and the command that goes on, which gives the bits of an uninterrupted run", async () => {
    const run = join(temporaryFolder(), "run");
    const steps = ["--set", "training.steps=4000"];
    const train = ["train", "two-moons", ...sizes, ...steps];
    let pressed = false;
    const stopped = await started([...train, "--out", run], (text, kill) => {
      if (pressed || !text.includes("step 1/")) return;
      pressed = true;
      kill("SIGINT");
    });
    expect(stopped, stopped.stderr).toMatchObject({ code: 130, signal: null });
    expect(stopped.stderr).toMatch(/Stopped at step \d+ of 4000, saved in/);
    const command = /To go on: advect (.+)/.exec(stopped.stdout)![1]!;
    expect(command).toBe(`train ${run} --resume`);
    expect(await started([...command.split(" "), "--threads", "1"])).toMatchObject({ code: 0 });
    const whole = join(temporaryFolder(), "run");
    expect(await started([...train, "--out", whole])).toMatchObject({ code: 0 });
    expect(bytes(run, "step-00004000")).toEqual(bytes(whole, "step-00004000"));
  });

  test("leaves at once at the second Ctrl-C, which comes while it saves, with nothing half-saved in the way", async () => {
    const run = join(temporaryFolder(), "run");
    const checkpoints = `${run}/checkpoints`;
    // 100 MB take long enough to write for the second signal to come before the end
    const large = ["--set", "model.hidden=2048", "--set", "training.batch=1", "--set", "training.steps=1000"];
    const names = () => (existsSync(checkpoints) ? readdirSync(checkpoints) : []);
    let pressed = false;
    const args = ["train", "two-moons", "--threads", "1", ...large, "--out", run];
    const ended = await started(args, (text, kill) => {
      if (pressed || !text.includes("step 1/")) return;
      pressed = true;
      kill("SIGINT");
      const saving = setInterval(() => {
        if (names().length === 0) return;
        clearInterval(saving);
        kill("SIGINT");
      }, 2);
    });
    expect(ended, ended.stderr).toMatchObject({ code: null, signal: "SIGINT", stdout: "" });
    expect(names().filter((name) => name.startsWith("step-"))).toEqual([]);
    const inspected = await started(["inspect", run]);
    expect(inspected).toMatchObject({ code: 0, stdout: expect.stringContaining("none") });
  });

  test("says that the disk is full, keeps what was saved, and goes on when there is room", async (context) => {
    const disk = join(temporaryFolder(), "disk");
    mkdirSync(disk);
    const mounted = mount(disk, "120k");
    if (!mounted) console.warn("skipped: a full disk needs the right to mount a tmpfs");
    context.skip(!mounted, "a full disk needs the right to mount a tmpfs");
    onTestFinished(() => void spawnSync("umount", [disk]));
    const run = join(disk, "run");
    const steps = ["--set", "training.steps=60", "--set", "training.checkpoint.every=1"];
    const keep = ["--set", "training.checkpoint.keep=60"];
    const full = await started(["train", "two-moons", ...sizes, ...steps, ...keep, "--out", run]);
    expect(full.code).toBe(1);
    expect(full.stderr).toMatch(/error: .*ENOSPC: no space left on device.*make room/);
    expect(full.stderr).not.toContain("fault of advect");
    const names = readdirSync(`${run}/checkpoints`);
    expect(names.length).toBeGreaterThan(1);
    expect(names.filter((name) => !name.startsWith("step-"))).toEqual([]);
    expect(spawnSync("mount", ["-o", "remount,size=50m", disk]).status).toBe(0);
    const rest = await started(["train", run, "--resume", "--threads", "1"]);
    expect(rest, rest.stderr).toMatchObject({ code: 0 });
    const whole = join(temporaryFolder(), "run");
    expect(await started(["train", "two-moons", ...sizes, ...steps, "--out", whole])).toMatchObject({
      code: 0,
    });
    expect(bytes(run, "step-00000060")).toEqual(bytes(whole, "step-00000060"));
  });

  test.each([
    [["train", "two-mons"], 2],
    [["inspect", "/nowhere/at-all.npy"], 1],
    [["--version"], 0],
  ])("advect %j ends with %d", async (args, code) => {
    const ended = await started(args);
    expect(ended.code).toBe(code);
    if (args[0] === "--version") expect(ended.stdout).toBe(`${manifest().version}\n`);
  });

  test("may be read by head", async () => {
    const command = `"${process.execPath}" "${join(folder, "main.mjs")}" recipes --json | head -c 5`;
    const printed = await new Promise<string>((done) =>
      execFile("sh", ["-c", command], (_, out, err) => done(out + err)),
    );
    expect(printed).toBe('{\n  "');
  });
});
