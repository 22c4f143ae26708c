import { availableParallelism } from "node:os";
import { type Contender, fastest, interleave } from "../harness/measure.ts";
import { interpreters } from "../harness/python.ts";
import { type Peer as PeerTiming, type Row, ratioOf, saveResults } from "../harness/results.ts";
import { plainTable } from "../harness/table.ts";
import { type SampleModel, sampleModels, sampleTargets, type TrainModel, trainModels } from "./models.ts";
import { gemmPeak } from "./peak.ts";
import { type Peer, peerName, startPeer, type Task } from "./peers.ts";
import { profileOf } from "./profile.ts";
import { sampling } from "./sampling.ts";
import { trainStep } from "./training.ts";

export interface EngineOptions {
  /** Names of models; all when empty. */
  readonly only: readonly string[];
  /** Names of peers ("torch113", "torch2"); all that are installed when empty. */
  readonly peers: readonly string[];
  readonly rounds: number;
  /** Short rounds and trials: the numbers are rough, and are not saved. */
  readonly quick: boolean;
}

type Entry =
  | { readonly task: "train"; readonly model: TrainModel }
  | { readonly task: "sample"; readonly model: SampleModel };

interface Bench {
  readonly options: EngineOptions;
  readonly peers: readonly Peer[];
  /** The best GEMM rate that any side reached, in GFLOP/s. */
  readonly peak: number;
}

/** Training steps and samplers beside PyTorch: prints the table, and saves it as bench/results/engine.json. */
export async function engineBench(options: EngineOptions): Promise<void> {
  const peers = await startPeers(options);
  try {
    const { peak, remark } = await peaks(peers);
    const remarks = [...measuredHow(options), remark, ...(peers.length === 0 ? [missingPeers] : [])];
    console.log(remarks.join("\n"));
    const rows: Row[] = [];
    for (const entry of entries(options.only)) {
      const measured = await measureEntry(entry, { options, peers, peak });
      console.log(plainTable(measured));
      rows.push(...measured);
    }
    if (!options.quick) saveResults("engine", { rows, remarks, merge: options.only.length > 0 });
    console.log(`\n${plainTable(rows)}`);
  } finally {
    for (const peer of peers) peer.close();
  }
}

const missingPeers =
  "No PyTorch found, so nothing to compare with: `npm run bench:setup` builds .venv; Debian has python3-torch; $ADVECT_PYTHON names another interpreter.";

function measuredHow({ rounds, only }: EngineOptions): string[] {
  return [
    `${rounds} interleaved rounds${only.length > 0 ? ` for ${only.join(", ")}` : ""}; settings are the best of a short trial of each, on both sides.`,
    "A training step: gather a batch, draw noise and t, forward, backward, clip to norm 1, AdamW, EMA. A sampler: batch 1, five Euler steps.",
  ];
}

async function startPeers({ peers }: EngineOptions): Promise<Peer[]> {
  const wanted = interpreters().filter((found) => peers.length === 0 || peers.includes(peerName(found)));
  const started: Peer[] = [];
  for (const interpreter of wanted) started.push(await startPeer(interpreter));
  return started;
}

/** GEMM rates of every side with one thread and with all, in this run. */
async function peaks(peers: readonly Peer[]): Promise<{ peak: number; remark: string }> {
  const cores = availableParallelism();
  const counts = [...new Set([1, cores])];
  const sides: { name: string; rates: number[] }[] = [];
  const rated = [
    { name: "advect", gemmPeak },
    ...peers.map((peer) => ({ name: `${peer.name} (${peer.blas})`, gemmPeak: peer.gemmPeak })),
  ];
  for (const { name, gemmPeak } of rated) {
    const rates: number[] = [];
    for (const threads of counts) rates.push(await gemmPeak(threads));
    sides.push({ name, rates });
  }
  const peak = Math.max(...sides.flatMap(({ rates }) => rates));
  const text = sides
    .map(({ name, rates }) => `${name} ${rates.map((rate) => rate.toFixed(0)).join(" / ")}`)
    .join(", ");
  return {
    peak,
    remark: `GEMM peak in GFLOP/s with ${counts.join(" / ")} threads: ${text}. "of peak" is relative to the highest.`,
  };
}

function entries(only: readonly string[]): Entry[] {
  const all: Entry[] = [
    ...trainModels.map((model): Entry => ({ task: "train", model })),
    ...sampleModels.map((model): Entry => ({ task: "sample", model })),
  ];
  const known = all.map(({ model }) => model.name);
  const unknown = only.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`unknown model ${unknown.join(", ")}; there are ${known.join(", ")}`);
  return all.filter(({ model }) => only.length === 0 || only.includes(model.name));
}

interface Opponent {
  readonly peer: Peer;
  readonly mode: string;
  readonly contender: Contender;
}

/** One row for each peer and way that it runs; without peers, one row with advect alone. */
async function measureEntry(entry: Entry, { options, peers, peak }: Bench): Promise<Row[]> {
  const { task, model } = entry;
  const side = await (task === "train" ? trainStep(model) : sampling(model));
  const trialMs = options.quick ? 50 : 300;
  const advect = await fastest(side.candidates, trialMs);
  const opponents: Opponent[] = [];
  for (const { peer, mode } of matches(peers, task)) {
    const contender = await fastest(peer.candidates({ task, mode, model }), trialMs);
    opponents.push({ peer, mode, contender });
  }
  const contenders = [advect, ...opponents.map(({ contender }) => contender)];
  const effort = { rounds: options.rounds, roundMs: options.quick ? 50 : 500 };
  const [own, ...others] = await interleave(contenders, effort);
  for (const contender of contenders) await contender.close();
  const note = `opened in ${side.openMs.toFixed(0)} ms; ${await profileOf(side.profiled)}`;
  const gflops = side.flops / own!.minMs / 1e6;
  const base = {
    name: model.name,
    advect: { ...own!, settings: advect.settings },
    throughput: { gflops, fractionOfPeak: gflops / peak },
    note,
  };
  if (others.length === 0) return [{ ...base, peer: null, ratio: null, target: null }];
  return others.map((timing, i): Row => {
    const { peer, mode, contender } = opponents[i]!;
    const opponent: PeerTiming = {
      name: `${peer.name} ${mode}`,
      version: peer.version,
      settings: contender.settings,
      ...timing,
    };
    return {
      ...base,
      note: i === 0 ? note : "",
      peer: opponent,
      ratio: ratioOf(own!, timing),
      target: targetOf(entry, { peer, mode }),
    };
  });
}

function matches(peers: readonly Peer[], task: Task): { peer: Peer; mode: string }[] {
  return peers.flatMap((peer) => peer.modes[task].map((mode) => ({ peer, mode })));
}

/** Ratios are promised against PyTorch 1.13 only. */
function targetOf({ task, model }: Entry, { peer, mode }: { peer: Peer; mode: string }): number | null {
  if (!peer.version.startsWith("1.13")) return null;
  return task === "train" ? model.target : (sampleTargets[mode] ?? null);
}
