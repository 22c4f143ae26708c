import { key, type NdArray, ndarray } from "advect/engine";
import { controlLoop, type LoopReport, type Robot, remote, systemTimer } from "advect/robot";
import { armSized } from "./policies.ts";

type ArmFrame = { readonly "observation.state": NdArray; readonly "observation.target": NdArray };

/** Two seconds in which code is compiled and the collector moves what stays. */
const warmUpSteps = 100;

/** The loop that is measured, after a warm-up: seven joints at 50 Hz, asynchronous, the policy in a worker. */
export async function runArm(maxSteps: number): Promise<LoopReport> {
  const { model } = armSized();
  const policy = await remote({ model });
  try {
    const options = {
      robot: arm(),
      policy,
      timer: systemTimer(),
      key: key("loop"),
      mode: "asynchronous",
      positionOf: (frame: ArmFrame) => frame["observation.state"].data,
    } as const;
    await controlLoop({ ...options, maxSteps: warmUpSteps });
    return await controlLoop({ ...options, maxSteps });
  } finally {
    policy[Symbol.dispose]();
  }
}

/** Is where it was told to be. */
function arm(): Robot<ArmFrame> {
  let state = ndarray(new Float32Array(7), [7]);
  const target = ndarray(new Float32Array(7).fill(0.5), [7]);
  return {
    observe: async () => ({ "observation.state": state, "observation.target": target }),
    act: ({ data }) => {
      state = ndarray(Float32Array.from(data), [7]);
    },
    stop: () => {},
  };
}
