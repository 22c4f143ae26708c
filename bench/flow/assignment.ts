import { key, type NdArray, normal } from "advect/engine";
import { exactOT, type Pairing } from "advect/flow";
import { type Contender, interleave } from "../harness/measure.ts";
import { scipyInterpreter } from "../harness/python.ts";
import { type Row, ratioOf } from "../harness/results.ts";
import { timed } from "../harness/steps.ts";
import { Worker } from "../harness/worker.ts";
import type { Part, PartOptions } from "./part.ts";

/** Batches of each size: how long a matching takes depends on the numbers. */
const batchCount = 8;

interface Problem {
  readonly batch: number;
  readonly size: number;
  readonly x0: readonly NdArray<"float32">[];
  readonly x1: readonly NdArray<"float32">[];
}

/** SciPy may take 1 / 1.5 of our time. */
const target = 0.667;

export const assignment: Part = {
  name: "assignment",
  remark: `exact optimal transport of a minibatch, squared distances included: the mean time of ${batchCount} batches of standard normal samples, on one thread; the peer is SciPy's cdist and linear_sum_assignment.`,
  async run(options) {
    const rows: Row[] = [];
    for (const size of [2, 64]) {
      for (const batch of [128, 256, 512]) rows.push(await measure(problem(batch, size), options));
    }
    return rows;
  },
};

function problem(batch: number, size: number): Problem {
  const draw = (name: string) =>
    Array.from({ length: batchCount }, (_, i) => normal(key(name).fold(i), [batch, size]));
  return { batch, size, x0: draw("x0"), x1: draw("x1") };
}

async function measure(given: Problem, { rounds, quick }: PartOptions): Promise<Row> {
  const own = ours(given);
  const scipy = scipyInterpreter();
  const base = { name: `assignment-${given.batch}-of-${given.size}`, target };
  const peer = scipy && (await theirs(given, scipy.path));
  try {
    const contenders = peer ? [own, peer.contender] : [own];
    const [time, peerTime] = await interleave(contenders, { rounds, roundMs: quick ? 50 : 500 });
    const advect = { ...time!, settings: own.settings };
    if (!peer) return { ...base, target: null, advect, peer: null, ratio: null, note: "" };
    return {
      ...base,
      advect,
      peer: { name: "scipy", version: scipy.version, settings: peer.contender.settings, ...peerTime! },
      ratio: ratioOf(time!, peerTime!),
      note: `largest relative difference of the least costs ${difference(given, await peer.costs())}`,
    };
  } finally {
    await peer?.contender.close();
  }
}

function pairOf({ x0, x1 }: Problem, i: number): Pairing {
  return exactOT().pair({ x0: x0[i]!, x1: x1[i]!, key: key("unused") });
}

function ours(given: Problem): Contender {
  const step = async () => {
    for (let i = 0; i < batchCount; i++) pairOf(given, i);
  };
  return {
    settings: "1 thread",
    round: async (steps) => (await timed(step, steps)).map((ms) => ms / batchCount),
    close: async () => {},
  };
}

async function theirs({ batch, size, x0, x1 }: Problem, path: string) {
  const threads = { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
  const worker = new Worker({ path, environment: {} }, threads, "assignment.py");
  await worker.ask("prepare", { batch, size, x0: x0.map(base64), x1: x1.map(base64) });
  const contender: Contender = {
    settings: "1 thread",
    round: async (steps) => (await worker.ask<{ ms: number[] }>("round", { steps })).ms,
    close: async () => worker.close(),
  };
  return { contender, costs: async () => (await worker.ask<{ costs: number[] }>("costs")).costs };
}

const base64 = ({ data }: NdArray) =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");

/** Of the cost of our matchings to SciPy's. */
function difference(given: Problem, costs: readonly number[]): string {
  const relative = costs.map((cost, i) => Math.abs(costOf(given, i) / cost - 1));
  return Math.max(...relative).toExponential(1);
}

function costOf(given: Problem, i: number): number {
  const [a, b] = [given.x0[i]!.data, given.x1[i]!.data];
  const { size } = given;
  let sum = 0;
  pairOf(given, i).target.forEach((column, row) => {
    for (let k = 0; k < size; k++) sum += (a[row * size + k]! - b[column * size + k]!) ** 2;
  });
  return sum;
}
