import type { Platform, WorkerThread } from "../contract.ts";

export const Worker: Platform["Worker"] = class implements WorkerThread {
  readonly #thread: globalThis.Worker;

  constructor(url: URL, options: { readonly type: "module" }) {
    this.#thread = new globalThis.Worker(url, options);
  }

  post(message: unknown, transfer: readonly ArrayBuffer[] = []): void {
    this.#thread.postMessage(message, [...transfer]);
  }

  onMessage(take: (message: unknown) => void): void {
    this.#thread.addEventListener("message", ({ data }) => take(data));
  }

  /** The event of a worker that cannot be loaded says nothing. */
  onFailure(take: (cause: unknown) => void): void {
    this.#thread.addEventListener("error", ({ message }) => {
      take(new Error(message || "the worker could not be loaded"));
    });
    this.#thread.addEventListener("messageerror", () => take(new Error("a message that cannot be read")));
  }

  hold(): void {}

  [Symbol.dispose](): void {
    this.#thread.terminate();
  }
};

/** What a dedicated worker has where a page has its window. */
type Scope = Pick<globalThis.Worker, "postMessage" | "addEventListener">;

export const parentPort: Platform["parentPort"] = {
  post: (message, transfer = []) => (globalThis as unknown as Scope).postMessage(message, [...transfer]),
  onMessage: (take) => {
    (globalThis as unknown as Scope).addEventListener("message", ({ data }) => take(data));
  },
};
