import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "vite";

const root = join(import.meta.dirname, "../../..");
const conditions = ["advect-source", "node"];

/** V8 would otherwise give short-lived objects more room the longer it runs, which looks like a leak. */
const flags = ["--expose-gc", "--max-semi-space-size=2"];

/** Runs a TypeScript file, bundled with the sources it imports, in a fresh process with `gc()`; returns the JSON it prints. */
export async function runInChild<Result>(entry: string): Promise<Result> {
  const scratch = join(root, ".tmp");
  mkdirSync(scratch, { recursive: true });
  const outDir = mkdtempSync(join(scratch, "child-"));
  try {
    await build({
      configFile: false,
      logLevel: "error",
      root,
      resolve: { conditions },
      ssr: { resolve: { conditions }, noExternal: /fflate/ },
      build: {
        ssr: entry,
        outDir,
        target: "node20",
        rolldownOptions: { output: { entryFileNames: "main.mjs" } },
      },
    });
    const { stdout } = await promisify(execFile)("node", [...flags, join(outDir, "main.mjs")]);
    return JSON.parse(stdout) as Result;
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

/** Resident bytes after a full collection. */
export function residentBytes(): number {
  for (let i = 0; i < 3; i++) (globalThis as unknown as { gc(): void }).gc();
  return process.memoryUsage().rss;
}
