import { type Clock, systemClock } from "../../../engine/clock.ts";
import { AdvectError } from "../../../engine/error.ts";
import { Worker, type WorkerCalls, workerCalls } from "../../../engine/platform/index.ts";
import type { ActionChunk, Policy, PolicyRequest, PolicySpec } from "../../policy/policy.ts";
import { type RemoteAnswer, type RemoteJob, type RemoteSource, sendable, sentRequest } from "./source.ts";

export interface RemoteOptions {
  /** A worker that has not answered for so long is ended, and another one started; 10,000 unless given. */
  readonly hungMs?: number;
  readonly clock?: Clock;
}

/** A policy that lives in a thread of its own. Dispose it to end the thread. */
export interface RemotePolicy extends Policy {
  /** Threads that were started after the first one, because one died or hung. */
  readonly restarts: number;
}

/**
 * Opens a policy in a worker, so that this thread never computes: the same chunks, bit for bit. A request whose signal
 * aborts rejects at once, whatever the worker does; later ones wait until it is free again. A worker that dies, or hangs
 * for `hungMs`, is replaced by the next request, with the policy opened anew. Rejects with what opening throws;
 * `session` is "unsupported".
 */
export async function remote(
  source: RemoteSource,
  { hungMs = 10_000, clock = systemClock }: RemoteOptions = {},
): Promise<RemotePolicy> {
  const line = lineTo(sendable(source), { hungMs, clock });
  const spec = await line.open();
  const predictMany = async (requests: readonly PolicyRequest[]): Promise<readonly ActionChunk[]> => {
    const signals = requests.flatMap(({ signal }) => (signal ? [signal] : []));
    const job: RemoteJob = { kind: "predict", requests: requests.map(sentRequest) };
    return (await line.ask(job, signals.length > 0 ? AbortSignal.any(signals) : undefined)).chunks;
  };
  return {
    spec,
    get restarts() {
      return line.threads - 1;
    },
    predictMany,
    async predict(request) {
      const [chunk] = await predictMany([request]);
      return chunk!;
    },
    session: async () => {
      throw new AdvectError("unsupported", "remote.session", {
        expected: "a policy in this thread",
        got: "one in a worker",
        fix: "Load it here with loadPolicy.",
      });
    },
    [Symbol.dispose]: line[Symbol.dispose],
  };
}

/** One worker at a time, with the policy open in it. */
interface Line {
  readonly calls: WorkerCalls<RemoteJob, RemoteAnswer>;
  readonly spec: Promise<PolicySpec>;
}

function lineTo(source: RemoteSource, { hungMs, clock }: Required<RemoteOptions>) {
  let line: Line | undefined;
  let threads = 0;
  let disposed = false;
  /** When the worker was asked what it has not answered yet. */
  let askedMs: number | undefined;
  let answered: Promise<unknown> = Promise.resolve();

  const send = (calls: Line["calls"], job: RemoteJob): Promise<RemoteAnswer> => {
    askedMs ??= clock.nowMs();
    const answer = calls.call(job);
    const mine = (answered = answer.then(ignore, ignore).then(() => {
      if (answered === mine) askedMs = undefined;
    }));
    return answer;
  };
  const start = (): Line => {
    threads++;
    askedMs = undefined;
    const calls = workerCalls<RemoteJob, RemoteAnswer>(
      new Worker(new URL("./policy-worker.js", import.meta.url), { type: "module" }),
    );
    const spec = send(calls, { kind: "open", source }).then((answer) => answer.spec!);
    spec.catch(() => calls[Symbol.dispose]());
    return { calls, spec };
  };
  const working = (): Line => {
    if (disposed) throw inUse();
    const hung = askedMs !== undefined && clock.nowMs() - askedMs > hungMs;
    if (hung) line?.calls[Symbol.dispose]();
    if (!line || line.calls.lost) line = start();
    return line;
  };
  return {
    get threads() {
      return threads;
    },
    open: () => working().spec,
    async ask(job: RemoteJob, signal: AbortSignal | undefined): Promise<RemoteAnswer> {
      signal?.throwIfAborted();
      const { calls, spec } = working();
      await unlessAborted(Promise.all([spec, answered]), signal);
      return unlessAborted(send(calls, job), signal);
    },
    [Symbol.dispose]() {
      disposed = true;
      line?.calls[Symbol.dispose]();
    },
  };
}

const ignore = () => {};

/** The promise, or the signal's reason as soon as that aborts. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  const stop = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { signal: stop.signal });
  });
  return Promise.race([promise, aborted]).finally(() => stop.abort());
}

function inUse(): AdvectError {
  return new AdvectError("option", "remote", { expected: "a policy in use", got: "one that was disposed" });
}
