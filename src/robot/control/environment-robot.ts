import type { Frame } from "../policy/history.ts";
import type { Environment, Start, StepResult } from "../sim/environment.ts";
import type { Robot } from "./robot.ts";

export interface EnvironmentRobotOptions<O, F extends Frame, S extends StepResult<O>> {
  readonly environment: Environment<O, S>;
  readonly start: Start;
  /** What the policy is told of an observation; the observation itself unless given, which must be a frame then. */
  readonly frameOf?: (observation: O) => F;
  /** Told of every step, such as to end the loop with the episode. */
  readonly onStep?: (result: S) => void;
}

/**
 * A world to drive as a robot: each action is one step of it, at once. In a simulated time the loop plays it as fast as it
 * can; in real time the world stands still where ticks were skipped. Throws what `environment.reset` throws.
 */
export function environmentRobot<O, F extends Frame = Frame, S extends StepResult<O> = StepResult<O>>({
  environment,
  start,
  frameOf = (observation) => observation as unknown as F,
  onStep = () => {},
}: EnvironmentRobotOptions<O, F, S>): Robot<F> {
  let observation = environment.reset(start);
  return {
    observe: async () => frameOf(observation),
    act(action) {
      const result = environment.step(action);
      observation = result.observation;
      onStep(result);
    },
    stop() {},
  };
}
