import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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

  test("leaves at once at the second Ctrl-C", async () => {
    const run = join(temporaryFolder(), "run");
    // a step of this network takes long enough for both signals to come before it ends
    const slow = [
      "--set",
      "model.hidden=1024",
      "--set",
      "training.batch=4096",
      "--set",
      "training.steps=100000",
    ];
    let pressed = 0;
    const ended = await started(
      ["train", "two-moons", "--threads", "1", ...slow, "--out", run],
      (text, kill) => {
        if (pressed > 0 || !text.includes("step 1/")) return;
        pressed++;
        kill("SIGINT");
        setTimeout(() => kill("SIGTERM"), 20);
        setTimeout(() => kill("SIGINT"), 40);
      },
    );
    expect(ended.signal ?? ended.code).toEqual(expect.toBeOneOf(["SIGINT", "SIGTERM", 130]));
    expect(ended.stderr).not.toContain("fault of advect");
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
