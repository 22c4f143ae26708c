import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import type { Context } from "../../src/cli/context.ts";
import { run } from "../../src/cli/program.ts";
import { systemClock } from "../../src/engine/clock.ts";

export const recipes = resolve(import.meta.dirname, "../../recipes");

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in this process, with outputs that are collected. */
export async function advect(args: readonly string[], changes: Partial<Context> = {}): Promise<Outcome> {
  const said = { stdout: "", stderr: "" };
  const to = (name: keyof typeof said) => ({ write: (text: string) => void (said[name] += text) });
  const context: Context = {
    stdout: to("stdout"),
    stderr: to("stderr"),
    clock: systemClock,
    environment: {},
    recipes,
    version: "1.2.3",
    interruption: () => ({ signal: new AbortController().signal, [Symbol.dispose]: () => {} }),
    ...changes,
  };
  const code = await run(args, context);
  return { code, ...said };
}

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "advect-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Flags that make any recipe of points small. */
export const small = [
  "--threads",
  "1",
  ...[
    "training.steps=12",
    "training.batch=32",
    "model.hidden=8",
    "sampling.count=64",
    "training.log.every=4",
  ].flatMap((set) => ["--set", set]),
];
