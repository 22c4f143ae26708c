import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Candidate, median } from "../harness/measure.ts";

interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/** A candidate that writes ONNX Runtime's profile to files of this prefix when it is closed. */
export type Profiled = (prefix: string) => Candidate;

const profiledSteps = 10;
const shownShare = 0.02;

/** Where the time of a step goes: the share of each kind of ONNX operation, and of everything outside the graph. */
export async function profileOf(profiled: Profiled): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "advect-profile-"));
  try {
    const contender = await profiled(join(folder, "run")).open();
    const steps = await contender.round(profiledSteps);
    await contender.close();
    const text = readFileSync(join(folder, readdirSync(folder)[0]!), "utf8");
    return shares(JSON.parse(text) as TraceEvent[], median(steps));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** "kernels: Gemm 73 %, Gather 9 %, others 18 %; outside the graph 4 % of the step", which takes `stepMs`. */
function shares(events: readonly TraceEvent[], stepMs: number): string {
  const runs = events.filter(({ name }) => name === "model_run").slice(-profiledSteps);
  const graphMs = median(runs.map(({ dur }) => dur / 1000));
  const kernels = events.filter(({ cat, name }) => cat === "Node" && name.endsWith("_kernel_time"));
  const all = sum(kernels);
  const byOp = new Map<string, number>();
  for (const { args, dur } of kernels) byOp.set(args!.op_name!, (byOp.get(args!.op_name!) ?? 0) + dur / all);
  const sorted = [...byOp].sort((a, b) => b[1] - a[1]);
  const shown = sorted.filter(([, share]) => share >= shownShare);
  const rest = 1 - shown.reduce((total, [, share]) => total + share, 0);
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  const list = shown.map(([op, share]) => `${op} ${percent(share)}`);
  return `kernels: ${list.join(", ")}, others ${percent(rest)}; outside the graph ${percent(Math.max(0, 1 - graphMs / stepMs))} of the step`;
}

const sum = (events: readonly TraceEvent[]) => events.reduce((total, { dur }) => total + dur, 0);
