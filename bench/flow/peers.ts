import { peerName, type Setting, startSettings } from "../engine/peers.ts";
import type { Candidate, Contender } from "../harness/measure.ts";
import { interpreters } from "../harness/python.ts";

/** One version of PyTorch and its processes, one for each combination of threads. */
export interface Peer extends Disposable {
  readonly name: string;
  readonly version: string;
  readonly modern: boolean;
  readonly settings: readonly Setting[];
}

export async function startPeers(): Promise<Peer[]> {
  const peers: Peer[] = [];
  for (const interpreter of interpreters()) {
    const { settings } = await startSettings(interpreter);
    peers.push({
      ...{ name: peerName(interpreter), version: interpreter.torch, settings },
      modern: !interpreter.torch.startsWith("1."),
      [Symbol.dispose]: () => settings.forEach(({ worker }) => worker.close()),
    });
  }
  return peers;
}

/** A task of bench/peers/worker.py in one of its ways. */
export interface TaskRequest {
  readonly task: string;
  readonly mode: string;
  readonly variant: string;
  readonly model: { readonly count: number; readonly chunk: number };
}

/** What a peer's numbers are: how far they are from advect's, and what else it counts. */
export interface Compared {
  readonly [name: string]: unknown;
  readonly difference: number;
  readonly nfe?: number;
}

export interface PeerContender extends Contender {
  compare(path: string): Promise<Compared>;
}

export interface PeerCandidate extends Candidate {
  open(): Promise<PeerContender>;
}

export function peerCandidate({ worker, label }: Setting, request: TaskRequest): PeerCandidate {
  const { task, mode, variant, model } = request;
  const settings = `${label}, ${[mode, ...(variant === "plain" ? [] : [variant])].join(" ")}, chunks of ${model.chunk}`;
  const id = `${task}, ${settings}, ${model.count}`;
  const open = async (): Promise<PeerContender> => {
    await worker.ask("prepare", { id, ...request, warmup: 1 });
    return {
      settings,
      round: async (steps) => (await worker.ask<{ ms: number[] }>("round", { id, steps, warmup: 0 })).ms,
      compare: (path) => worker.ask<Compared>("compare", { id, path }),
      close: async () => void (await worker.ask("release", { id })),
    };
  };
  return { settings, open };
}
