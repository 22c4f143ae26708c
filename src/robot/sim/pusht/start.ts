import { integers, type Key, normal } from "../../../engine/random/index.ts";
import type { RandomState } from "../random-state.ts";
import type { PushTState } from "./world.ts";

const agentRange = { low: 50, high: 450 };
const blockRange = { low: 100, high: 400 };

/** The start that the reference draws: integer places, and an angle 2 pi z - pi with normal z, not wrapped. */
export function sampleStart(random: RandomState): PushTState {
  const agentX = random.integer(agentRange);
  const agentY = random.integer(agentRange);
  const blockX = random.integer(blockRange);
  const blockY = random.integer(blockRange);
  return [agentX, agentY, blockX, blockY, angle(random.normal())];
}

/** A start of the same distribution from a key. */
export function drawStart(key: Key): PushTState {
  const agent = integers(key.fold("agent"), [2], agentRange).data;
  const block = integers(key.fold("block"), [2], blockRange).data;
  return [agent[0]!, agent[1]!, block[0]!, block[1]!, angle(normal(key.fold("angle"), [1]).data[0]!)];
}

function angle(normal: number): number {
  return normal * 2 * Math.PI - Math.PI;
}
