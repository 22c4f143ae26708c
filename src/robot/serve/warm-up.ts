import { zeros } from "../../engine/array/index.ts";
import { key } from "../../engine/random/index.ts";
import type { Policy } from "../policy/index.ts";

/** Has a policy answer zeros, as many at once as each count says, so that no client waits for a compiler. Throws what it throws. */
export async function warmUp(policy: Policy, counts: readonly number[]): Promise<void> {
  const { observation, obsHorizon } = policy.spec;
  const frames = Object.entries(observation).map(([name, shape]) => [name, zeros([obsHorizon, ...shape])]);
  const request = { observation: Object.fromEntries(frames), key: key(0) };
  for (const count of counts) await policy.predictMany(Array.from({ length: count }, () => request));
}
