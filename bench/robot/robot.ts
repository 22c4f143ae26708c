import { saveResults } from "../harness/results.ts";
import { plainTable } from "../harness/table.ts";
import { type SimOptions, simRows } from "./sim.ts";

const remarks = [
  "PushT: one thread, the first 20 recorded episodes over and over; a step is ten substeps of physics, and in an environment also observation, coverage and reward. The peer is pymunk driven as gym-pusht drives it, coverage by shapely. Both sides end in the same states (checked).",
];

/** Simulation beside pymunk: prints the table, and saves it as bench/results/robot.json unless `quick`. */
export async function robotBench(options: SimOptions): Promise<void> {
  const rows = await simRows(options);
  console.log(plainTable(rows));
  if (!options.quick) saveResults("robot", { rows, remarks, merge: true });
}
