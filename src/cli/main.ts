#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { processContext } from "./context.ts";
import { run } from "./program.ts";

/** The same place from src/cli and from dist/cli. */
const recipes = fileURLToPath(new URL("../../recipes", import.meta.url));

process.exitCode = await run(process.argv.slice(2), processContext(recipes));
