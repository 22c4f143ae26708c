import { parentPort as parent, Worker as Thread, type WorkerOptions } from "node:worker_threads";
import type { Platform, WorkerThread } from "../contract.ts";

export const Worker: Platform["Worker"] = class implements WorkerThread {
  readonly #thread: Thread;
  #disposed = false;

  constructor(url: URL) {
    this.#thread = new Thread(url, options());
    this.#thread.unref();
  }

  post(message: unknown, transfer: readonly ArrayBuffer[] = []): void {
    this.#thread.postMessage(message, transfer);
  }

  onMessage(take: (message: unknown) => void): void {
    this.#thread.on("message", take);
    this.#thread.unref(); // listening holds it
  }

  onFailure(take: (cause: unknown) => void): void {
    this.#thread.on("error", take);
    this.#thread.on("messageerror", take);
    this.#thread.on("exit", (code) => {
      if (!this.#disposed) take(new Error(`the worker ended with code ${code}`));
    });
  }

  hold(held: boolean): void {
    if (held) this.#thread.ref();
    else this.#thread.unref();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    void this.#thread.terminate();
  }
};

/** A process that runs `node --input-type=module --eval …` hands these flags down, and a worker's file refuses them. */
function options(): WorkerOptions {
  return process.execArgv.some((flag) => flag.startsWith("--input-type")) ? { execArgv: [] } : {};
}

export const parentPort: Platform["parentPort"] = {
  post: (message, transfer = []) => parent!.postMessage(message, transfer),
  onMessage: (take) => parent!.on("message", take),
};
