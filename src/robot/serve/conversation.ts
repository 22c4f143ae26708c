import { AdvectError } from "../../engine/error.ts";
import type { Key } from "../../engine/random/index.ts";
import type { Message, Socket } from "../../host/index.ts";
import { type History, history, type Observation } from "../policy/index.ts";
import type { Answer, Batcher } from "./batcher.ts";
import type { ServeSettings } from "./options.ts";
import { checkChunk, packReply } from "./reply.ts";
import { parseRequest, type WireRequest } from "./request.ts";
import type { Tally } from "./tally.ts";

/** A client, from its connection to its end. */
export interface Conversation {
  /** Answers what is being asked, then says goodbye. */
  finish(): Promise<void>;
}

export interface ConversationParts {
  readonly socket: Socket;
  readonly settings: ServeSettings;
  readonly batches: Batcher;
  /** Of this client. */
  readonly key: Key;
  readonly greeting: Uint8Array;
  /** Of this client, and of all. */
  readonly tallies: readonly Tally[];
  readonly log: (line: string) => void;
}

/** Codes of RFC 6455, section 7.4.1. */
const codes = { goingAway: 1001, unsupported: 1003, invalid: 1007, policyViolation: 1008, failed: 1011 };

/**
 * One request after the other, each with one reply. An error is one frame of text, then the end, as openpi's servers do
 * it; a client that asks twice before the reply is at fault once more than one request waits.
 */
export function conversation(parts: ConversationParts): Conversation {
  const { socket, settings, greeting, log } = parts;
  const ended = new AbortController();
  const answers = answering(parts);
  let waiting: Uint8Array | undefined;
  let working: Promise<void> | undefined;

  const fail = async (code: number, message: string) => {
    if (ended.signal.aborted) return;
    ended.abort(new Error("the conversation has ended"));
    for (const count of parts.tallies) count.failed();
    log(message);
    await socket.send(message).catch(() => {});
    socket.close(code, message);
  };
  const work = async () => {
    while (waiting && !ended.signal.aborted) {
      const bytes = waiting;
      waiting = undefined;
      try {
        await answers(bytes, ended.signal);
      } catch (error) {
        if (isGone(error)) await socket.ended;
        else await fail(codeOf(error), textOf(error));
      }
    }
    working = undefined;
  };
  void socket.ended.then(() => ended.abort(new Error("the client has gone")));
  socket.onMessage((message: Message) => {
    if (ended.signal.aborted) return;
    if (typeof message === "string") {
      void fail(codes.unsupported, "expected binary messages of MessagePack, got text.");
    } else if (waiting) {
      void fail(codes.policyViolation, "expected one request at a time, got another before the reply.");
    } else {
      waiting = message;
      working ??= work();
    }
  });
  socket.send(greeting).catch(() => {});
  return {
    async finish() {
      const { drainMs } = settings.timeouts;
      await Promise.race([working, later(drainMs, ended.signal)]);
      if (ended.signal.aborted) return;
      ended.abort(new Error("the server is shutting down"));
      socket.close(codes.goingAway, "the server is shutting down");
    },
  };
}

/** Answers one request: from its bytes to the reply on its way. */
function answering({ socket, settings, batches, key, tallies }: ConversationParts) {
  const { policy, clock, timeouts } = settings;
  const frames = history(policy.spec);
  let count = 0;
  let previousMs: number | undefined;
  return async (bytes: Uint8Array, ended: AbortSignal): Promise<void> => {
    const startMs = clock.nowMs();
    const request = parseRequest(bytes, policy.spec);
    const asked = {
      observation: observed(request, frames),
      key: request.key ?? key.fold(count++),
      ...(request.committed && { committed: request.committed }),
    };
    const { chunk, policyMs } = await within(timeouts.inferMs, ended, (signal) =>
      batches.ask({ ...asked, signal }),
    );
    checkChunk(chunk.actions, policy.spec);
    const inferMs = clock.nowMs() - startMs;
    await socket.send(
      packReply(chunk, { inferMs, policyMs, ...(previousMs !== undefined && { previousMs }) }),
    );
    previousMs = clock.nowMs() - startMs;
    for (const tally of tallies) tally.answered(previousMs);
  };
}

/** All frames of the request, or its one behind those that came before. */
function observed({ features, whole, reset }: WireRequest, frames: History): Observation {
  if (reset) frames.reset();
  return whole ? features : frames.push(features);
}

/** Throws "io" when there is no answer in time, and the reason of `ended`. */
async function within(
  limitMs: number,
  ended: AbortSignal,
  ask: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const late = new AbortController();
  const give = () => late.abort(ended.reason);
  ended.addEventListener("abort", give);
  const timer = setTimeout(() => {
    late.abort(new AdvectError("io", "policy", { expected: `a chunk within ${limitMs} ms`, got: "none" }));
  }, limitMs);
  try {
    return await ask(late.signal);
  } finally {
    clearTimeout(timer);
    ended.removeEventListener("abort", give);
  }
}

const later = (milliseconds: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    const stop = () => {
      clearTimeout(timer);
      resolve();
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });

const isGone = (error: unknown) => error instanceof AdvectError && error.where === "socket.send";

/** Whether the client or the policy is at fault. */
function codeOf(error: unknown): number {
  const kinds = ["format", "shape", "option", "numerical"];
  const theirs = error instanceof AdvectError && kinds.includes(error.kind) && error.where !== "actions";
  return theirs ? codes.invalid : codes.failed;
}

/** One line, without the stack: it is not the client's. */
const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error)).slice(0, 1000);
