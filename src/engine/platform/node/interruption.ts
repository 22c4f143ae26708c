import type { Platform } from "../contract.ts";

const signals = ["SIGINT", "SIGTERM"] as const;

/** Stops listening at the first signal, so that Node.js's own way of ending is back for the second. */
export const interruption: Platform["interruption"] = () => {
  const controller = new AbortController();
  const stop = () => {
    for (const name of signals) process.off(name, abort);
  };
  const abort = (name: string) => {
    stop();
    controller.abort(name);
  };
  for (const name of signals) process.on(name, abort);
  return { signal: controller.signal, [Symbol.dispose]: stop };
};
