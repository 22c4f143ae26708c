import { type NdArray, ndarray } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { type LoopOptions, type Robot, simulatedTimer } from "../../../src/robot/control/index.ts";
import type { Policy, PolicyRequest, PolicySpec } from "../../../src/robot/policy/policy.ts";
import type { ActionDimension } from "../../../src/robot/safety/index.ts";

export const joint: ActionDimension = {
  name: "joint",
  kind: "position",
  unit: "rad",
  low: -1,
  high: 1,
  maxRate: 4,
  maxAcceleration: 100,
};

/** One joint at 50 Hz; chunks of 8, a new one every 4. */
export const spec: PolicySpec = {
  name: "ramp",
  observation: { "observation.state": [1] },
  obsHorizon: 2,
  horizon: 8,
  executeSteps: 4,
  stepSeconds: 0.02,
  action: [joint],
};

export type JointFrame = { readonly "observation.state": NdArray };

export const frameAt = (...values: readonly number[]): JointFrame => ({
  "observation.state": ndarray(Float32Array.from(values), [values.length]),
});

export interface JointRobot extends Robot<JointFrame> {
  readonly commands: number[];
  stops: number;
}

/** Goes where it is told at once. */
export function jointRobot(start = 0.25): JointRobot {
  const commands: number[] = [];
  return {
    commands,
    stops: 0,
    observe: async () => frameAt(commands.at(-1) ?? start),
    act: ({ data }) => void commands.push(data[0]!),
    stop() {
      this.stops++;
    },
  };
}

export type Predict = Policy["predict"];

/** The chunk that stays at the last observed position. */
export const stay: Predict = async ({ observation }) =>
  chunkOf(observation["observation.state"]!.data.at(-1)!);

export function chunkOf(value: number, step = 0): Awaited<ReturnType<Predict>> {
  const data = Float32Array.from({ length: spec.horizon }, (_, i) => value + i * step);
  return { actions: ndarray(data, [spec.horizon, 1]), nfe: 1 };
}

/** A loop of a joint in simulated time. */
export function joined(
  predict: Predict,
  options: Partial<LoopOptions<JointFrame>> = {},
): LoopOptions<JointFrame> & { readonly robot: JointRobot } {
  return {
    robot: jointRobot(),
    policy: { spec, predict },
    timer: simulatedTimer(),
    key: key("loop"),
    mode: "synchronous",
    positionOf: (frame) => frame["observation.state"].data,
    maxSteps: 40,
    ...options,
  } as LoopOptions<JointFrame> & { readonly robot: JointRobot };
}

export type { PolicyRequest };
