import type { NdArray } from "../../../engine/array/index.ts";
import {
  checkVector,
  type Environment,
  type EnvironmentSpec,
  notReset,
  type Start,
  type StepResult,
} from "../environment.ts";
import { randomState } from "../random-state.ts";
import { defaultGoal, type Pose } from "./block.ts";
import { blockCoverage, rewardOf, ringsAt, successCoverage } from "./coverage.ts";
import { type Observe, type PushTView, stateObservation } from "./observe.ts";
import { pushTScene } from "./scene.ts";
import { drawStart, sampleStart } from "./start.ts";
import { arenaSize, type PoseOrder, type PushTState, substeps, type World, world } from "./world.ts";

export interface PushTOptions<O> {
  /** What a policy sees: `stateObservation` unless given. */
  readonly observe: Observe<O>;
  /** "position-then-angle" unless given, as in the published protocol; the other puts the block where a state says. */
  readonly order?: PoseOrder;
  /** (256, 256, pi / 4) unless given. */
  readonly goal?: Pose;
  /** 300 unless given, 30 s. */
  readonly maxSteps?: number;
}

export interface PushTStep<O> extends StepResult<O> {
  /** The part of the goal that the block covers, in [0, 1]. */
  readonly coverage: number;
  /** Contacts per substep, rounded up. */
  readonly contactCount: number;
}

/**
 * PushT [chi2023]: a disc pushes a T onto its goal. An action is where the disc shall go, in pixels, for 0.1 s. Reward =
 * min(coverage / 0.95, 1); an episode is terminated, and a success, at coverage > 0.95. The physics are Chipmunk's, to
 * the bit of the recorded demonstrations; actions are not clipped, and the disc passes through walls, as there.
 * Seeds are those of the reference, `reset({ seed: i })` starts recorded episode i; states are [5], in pixels and radians.
 */
export function pushT(
  options?: Omit<PushTOptions<never>, "observe">,
): Environment<NdArray<"float64">, PushTStep<NdArray<"float64">>>;
export function pushT<O>(options: PushTOptions<O>): Environment<O, PushTStep<O>>;
export function pushT<O>({
  observe = stateObservation as unknown as Observe<O>,
  order = "position-then-angle",
  goal = defaultGoal,
  maxSteps = 300,
}: Partial<PushTOptions<O>> = {}): Environment<O, PushTStep<O>> {
  const goalRings = ringsAt(goal);
  let episode: { readonly world: World; steps: number } | undefined;
  const current = (where: string) => {
    if (episode === undefined) throw notReset(where);
    return episode;
  };
  return {
    spec: specOf(maxSteps),
    reset: (start) => {
      episode = { world: world(startingState(start), order), steps: 0 };
      return observe(viewOf(episode.world, goal));
    },
    step: (action) => {
      const now = current("pushT.step");
      checkVector("pushT.step", action, 2);
      const contactCount = act(now.world, action.data[0]!, action.data[1]!);
      now.steps++;
      const view = viewOf(now.world, goal);
      const coverage = blockCoverage({ block: ringsAt(view.block), goal: goalRings });
      const success = coverage > successCoverage;
      const ends = { success, terminated: success, truncated: now.steps >= maxSteps };
      return { observation: observe(view), reward: rewardOf(coverage), ...ends, coverage, contactCount };
    },
    state: () => stateObservation(viewOf(current("pushT.state").world, goal)),
    scene: () => pushTScene(viewOf(current("pushT.scene").world, goal)),
  };
}

function specOf(maxSteps: number): EnvironmentSpec {
  const action = { names: ["x", "y"], low: [0, 0], high: [arenaSize, arenaSize] };
  return { name: "pusht", stepSeconds: 0.1, maxSteps, action };
}

function startingState(start: Start): PushTState {
  if ("seed" in start) return sampleStart(randomState(start.seed));
  if ("key" in start) return drawStart(start.key);
  checkVector("pushT.reset", start.state, 5);
  return [...start.state.data] as unknown as PushTState;
}

/** One step; returns the contacts per substep, rounded up. */
function act(world: World, x: number, y: number): number {
  let contacts = 0;
  for (let i = 0; i < substeps; i++) {
    world.substep(x, y);
    contacts += world.space.contactCount();
  }
  return Math.ceil(contacts / substeps);
}

function viewOf({ agent, block }: World, goal: Pose): PushTView {
  const pose = { x: block.originX, y: block.originY, angleRad: block.angleRad };
  return { agent: [agent.x, agent.y], block: pose, goal };
}
