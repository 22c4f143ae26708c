import type { Policy, PolicyRequest } from "../policy/policy.ts";
import type { SimulatedTimer } from "./simulated-timer.ts";

export interface DelayOptions {
  readonly timer: SimulatedTimer;
  /** How long a prediction takes in simulated time, whatever it really takes. */
  readonly latencyMs: (request: PolicyRequest) => number;
}

/** A policy in simulated time: its work takes none, and then as much of it as is said. Dispose the policy itself. */
export function delayed(
  policy: Pick<Policy, "spec" | "predict">,
  { timer, latencyMs }: DelayOptions,
): Pick<Policy, "spec" | "predict"> {
  return {
    spec: policy.spec,
    async predict(request) {
      const readyMs = timer.nowMs() + latencyMs(request);
      const hold = timer.hold();
      try {
        return await policy.predict(request);
      } finally {
        hold[Symbol.dispose]();
        if (readyMs > timer.nowMs()) await timer.reach(readyMs);
      }
    },
  };
}
