import type { Platform } from "../contract.ts";

/** Browsers tell hardware threads only; half of them is right for most machines and safe for the rest. */
export const environment: Platform["environment"] = () => ({
  name: "web",
  physicalCores: Math.max(1, Math.ceil((navigator.hardwareConcurrency ?? 1) / 2)),
});
