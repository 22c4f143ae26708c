import type { NdArray } from "advect/engine";
import { type Contender, interleave } from "../harness/measure.ts";
import { type Row, ratioOf } from "../harness/results.ts";
import type { Exchange } from "./field.ts";
import type { PartOptions } from "./part.ts";
import { type Compared, type Peer, type PeerCandidate, startPeers } from "./peers.ts";

export interface OwnContender extends Contender {
  /** The numbers of the last step. */
  result(): NdArray;
  readonly nfe: number;
}

export interface OwnCandidate {
  readonly settings: string;
  open(): Promise<OwnContender>;
}

/** One problem on both sides, in all the ways that are worth trying; `count` points at a time. */
export interface Problem {
  readonly name: string;
  /** What this ratio of minima must reach, against every peer. */
  readonly target: number;
  readonly count: number;
  /** So many points choose among the candidates. */
  readonly trialCount: number;
  own(count: number): readonly OwnCandidate[];
  theirs(peer: Peer, count: number): readonly PeerCandidate[];
  readonly exchange: Exchange;
}

/** The best way of advect beside the best way of each peer, chosen by fewer points and then timed with all. */
export async function compare(problem: Problem, { rounds, quick }: PartOptions): Promise<Row[]> {
  const peers = await startPeers();
  try {
    const count = quick ? problem.trialCount : problem.count;
    const own = (await best<OwnCandidate>((n) => problem.own(n), { problem, count })) as OwnContender;
    const matches = [];
    for (const peer of peers) {
      if (problem.theirs(peer, count).length === 0) continue;
      const candidates = (n: number) => problem.theirs(peer, n);
      matches.push({ peer, contender: await best<PeerCandidate>(candidates, { problem, count }) });
    }
    const contenders = [own, ...matches.map(({ contender }) => contender)];
    const timings = await interleave(contenders, { rounds, roundMs: 50 });
    const path = problem.exchange.write(own.result());
    const rows: Row[] = [];
    for (const [i, { peer, contender }] of matches.entries()) {
      const timing = timings[i + 1]!;
      const compared = await (contender as Awaited<ReturnType<PeerCandidate["open"]>>).compare(path);
      rows.push({
        ...alone(problem.name, own, timings[0]!),
        peer: { name: peer.name, version: peer.version, settings: contender.settings, ...timing },
        ratio: ratioOf(timings[0]!, timing),
        target: problem.target,
        note: noteOf(own, compared),
      });
    }
    if (rows.length === 0) rows.push(alone(problem.name, own, timings[0]!));
    for (const contender of contenders) await contender.close();
    return rows;
  } finally {
    for (const peer of peers) peer[Symbol.dispose]();
  }
}

function alone(name: string, { settings }: Contender, timing: { medianMs: number; minMs: number }): Row {
  return { name, advect: { ...timing, settings }, peer: null, ratio: null, target: null, note: "" };
}

function noteOf({ nfe }: OwnContender, { difference, nfe: theirs }: Compared): string {
  const counts = theirs === undefined ? "" : `; NFE ${nfe} and ${theirs}`;
  return `largest difference of the results ${difference.toExponential(1)}${counts}`;
}

/** The candidate with the fastest of two steps for few points, opened for all. */
async function best<C extends { readonly settings: string; open(): Promise<Contender> }>(
  candidates: (count: number) => readonly C[],
  { problem, count }: { readonly problem: Problem; readonly count: number },
): Promise<Contender> {
  const times: number[] = [];
  for (const candidate of candidates(problem.trialCount)) {
    const contender = await candidate.open();
    times.push(Math.min(...(await contender.round(2))));
    await contender.close();
  }
  return candidates(count)[times.indexOf(Math.min(...times))]!.open();
}
