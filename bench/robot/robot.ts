import type { Part, PartOptions } from "../flow/part.ts";
import { saveResults } from "../harness/results.ts";
import { plainTable } from "../harness/table.ts";
import { latency } from "./latency.ts";
import { loop } from "./loop.ts";
import { simRows } from "./sim.ts";

export interface RobotOptions extends PartOptions {
  /** Names of parts; all when empty. */
  readonly only: readonly string[];
}

const sim: Part = {
  name: "sim",
  remark:
    "PushT: one thread, the first 20 recorded episodes over and over; a step is ten substeps of physics, and in an environment also observation, coverage and reward. The peer is pymunk driven as gym-pusht drives it, coverage by shapely. Both sides end in the same states (checked).",
  run: simRows,
};

const parts: readonly Part[] = [sim, latency, loop];

/** Simulation, chunks and the control loop: prints the table, and saves it as bench/results/robot.json unless `quick`. */
export async function robotBench({ only, ...options }: RobotOptions): Promise<void> {
  const names = parts.map(({ name }) => name);
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`unknown part ${unknown}; there are ${names.join(", ")}`);
  const wanted = parts.filter(({ name }) => only.length === 0 || only.includes(name));
  const rows = [];
  for (const part of wanted) {
    console.log(`${part.name}: ${part.remark}`);
    const measured = await part.run(options);
    console.log(plainTable(measured));
    for (const { note } of measured) if (note) console.log(note);
    rows.push(...measured);
  }
  const remarks = wanted.map(({ name, remark }) => `${name}: ${remark}`);
  if (!options.quick) saveResults("robot", { rows, remarks, merge: true });
}
