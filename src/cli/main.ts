#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { processContext } from "./context.ts";
import { run } from "./program.ts";

/** The same place from src/cli and from dist/cli. */
const installed = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const { version } = JSON.parse(readFileSync(installed("package.json"), "utf8")) as { version: string };

// a reader that has seen enough, such as head, is no fault
process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => process.exit(code === "EPIPE" ? 0 : 1));

process.exitCode = await run(
  process.argv.slice(2),
  processContext({ recipes: installed("recipes"), version }),
);
