import type { Command } from "commander";
import { compareCommand } from "./commands/compare.ts";
import { datasetCommand } from "./commands/dataset.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { evalCommand } from "./commands/eval.ts";
import { exportCommand } from "./commands/export.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { plotCommand } from "./commands/plot.ts";
import { recipesCommand } from "./commands/recipes.ts";
import { runCommand } from "./commands/run.ts";
import { sampleCommand } from "./commands/sample.ts";
import { serveCommand } from "./commands/serve.ts";
import { startCommand } from "./commands/start.ts";
import { trainCommand } from "./commands/train.ts";
import type { Context } from "./context.ts";

/** In the order of the help. Each is one file, which loads what it needs when it runs. */
export const commands: readonly ((context: Context) => Command)[] = [
  startCommand,
  trainCommand,
  sampleCommand,
  compareCommand,
  plotCommand,
  evalCommand,
  runCommand,
  serveCommand,
  exportCommand,
  inspectCommand,
  datasetCommand,
  recipesCommand,
  doctorCommand,
];
