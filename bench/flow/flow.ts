import { saveResults } from "../harness/results.ts";
import { plainTable } from "../harness/table.ts";
import { assignment } from "./assignment.ts";
import { couplingThroughput } from "./coupling-throughput.ts";
import { likelihood } from "./likelihood.ts";
import type { Part, PartOptions } from "./part.ts";
import { sampling } from "./sampling.ts";

export interface FlowOptions extends PartOptions {
  /** Names of parts; all when empty. */
  readonly only: readonly string[];
}

const parts: readonly Part[] = [assignment, couplingThroughput, sampling, likelihood];

/** What flows cost beside their peers: prints the table, and saves it as bench/results/flow.json. */
export async function flowBench({ only, ...options }: FlowOptions): Promise<void> {
  const wanted = chosen(only);
  const rows = [];
  for (const part of wanted) {
    console.log(`${part.name}: ${part.remark}`);
    const measured = await part.run(options);
    console.log(plainTable(measured));
    rows.push(...measured);
  }
  const remarks = [
    `${options.rounds} interleaved rounds; settings are the best of a short trial of each, on both sides.`,
    ...wanted.map(({ name, remark }) => `${name}: ${remark}`),
  ];
  if (!options.quick) saveResults("flow", { rows, remarks, merge: only.length > 0 });
}

function chosen(only: readonly string[]): readonly Part[] {
  const names = parts.map(({ name }) => name);
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(`unknown part ${unknown.join(", ")}; there are ${names.join(", ")}`);
  return parts.filter(({ name }) => only.length === 0 || only.includes(name));
}
