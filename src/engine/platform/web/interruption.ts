import type { Platform } from "../contract.ts";

export const interruption: Platform["interruption"] = () => ({
  signal: new AbortController().signal,
  [Symbol.dispose]: () => {},
});
