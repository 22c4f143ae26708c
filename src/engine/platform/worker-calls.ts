import { AdvectError, type ErrorKind } from "../error.ts";
import type { WorkerPort, WorkerThread } from "./contract.ts";

/** What comes back: the answer, or what the function threw. */
type Reply = { readonly id: number } & (
  | { readonly value: unknown }
  | { readonly kind?: ErrorKind; readonly where?: string; readonly message: string }
);

interface Call {
  readonly id: number;
  readonly request: unknown;
}

/** A function that runs in a worker. */
export interface WorkerCalls<Request, Response> extends Disposable {
  /**
   * `fn(request)` of `answerCalls(fn)` in the worker, one call after another. Rejects with an error of fn's kind and
   * text; with "unsupported" when the worker cannot start or dies, which `lost` then says; with the signal's reason.
   */
  call(request: Request, options?: { readonly signal?: AbortSignal | undefined }): Promise<Response>;
  /** No call will be answered any more. */
  readonly lost: boolean;
}

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (cause: unknown) => void;
}

/** The calling end. The thread keeps the process alive only while calls are pending; dispose it to end it. */
export function workerCalls<Request, Response>(thread: WorkerThread): WorkerCalls<Request, Response> {
  const pending = new Map<number, Pending>();
  let count = 0;
  let lost = false;

  const settle = (id: number): Pending | undefined => {
    const call = pending.get(id);
    pending.delete(id);
    if (pending.size === 0 && !lost) thread.hold(false);
    return call;
  };
  const fail = (cause: unknown) => {
    lost = true;
    for (const id of [...pending.keys()]) settle(id)?.reject(died(cause));
  };
  thread.onMessage((message) => {
    const reply = message as Reply;
    const call = settle(reply.id);
    if ("value" in reply) call?.resolve(reply.value as never);
    else call?.reject(thrown(reply));
  });
  thread.onFailure(fail);

  return {
    get lost() {
      return lost;
    },
    async call(request, { signal } = {}) {
      if (lost) throw died("one that has ended");
      signal?.throwIfAborted();
      const id = count++;
      const abort = () => settle(id)?.reject(signal!.reason);
      signal?.addEventListener("abort", abort);
      try {
        return await new Promise<Response>((resolve, reject) => {
          thread.post({ id, request } satisfies Call);
          thread.hold(true);
          pending.set(id, { resolve, reject });
        });
      } finally {
        signal?.removeEventListener("abort", abort);
      }
    },
    [Symbol.dispose]() {
      fail("one that was disposed");
      thread[Symbol.dispose]();
    },
  };
}

/**
 * The answering end, called once in the worker's entry module: one call after another, also where `fn` takes its time.
 * `moved`: the buffers of a response to hand over, not copy.
 */
export function answerCalls<Request, Response>(
  port: WorkerPort,
  fn: (request: Request) => Response | Promise<Response>,
  moved: (response: Response) => readonly ArrayBuffer[] = () => [],
): void {
  const answer = async ({ id, request }: Call) => {
    try {
      const value = await fn(request as Request);
      port.post({ id, value } satisfies Reply, moved(value));
    } catch (error) {
      const { kind, where, message: text } = error as AdvectError;
      port.post({ id, ...(kind && { kind, where }), message: text } satisfies Reply);
    }
  };
  let last = Promise.resolve();
  port.onMessage((message) => {
    last = last.then(() => answer(message as Call));
  });
}

/** The error of the worker, with its text. */
function thrown({ kind, where, message }: Exclude<Reply, { value: unknown }>): Error {
  if (!kind) return new Error(message);
  const error = new AdvectError(kind, where ?? "", { expected: "", got: "" });
  error.message = message;
  return error;
}

function died(cause: unknown): AdvectError {
  return new AdvectError("unsupported", "worker", {
    expected: "a worker that answers",
    got: cause,
    fix: "Work in this thread, or look at why its module cannot run: bundlers must leave it a file of its own.",
    cause,
  });
}
