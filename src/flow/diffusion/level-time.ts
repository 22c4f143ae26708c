import { floor, mul } from "../../engine/tensor/index.ts";
import type { TimeSampler } from "../path/index.ts";
import { checkCount } from "../solver/check.ts";

/** t = floor(u steps) / steps: every level of `fromBetas` equally often, the data itself never. Throws "option". */
export function levelTime(steps: number): TimeSampler {
  checkCount("levelTime", "steps", steps);
  return {
    name: `level(${steps})`,
    sample: (draw, shape) => mul(floor(mul(draw.uniform("time", shape), steps)), 1 / steps),
  };
}
