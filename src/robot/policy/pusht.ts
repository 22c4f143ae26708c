import { columnOf, type Episodes } from "../../data/index.ts";
import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { blockKeypoints } from "../sim/index.ts";
import type { RelativeTo } from "./design.ts";
import type { PolicySpec } from "./policy.ts";

/** Nine keypoints of the block, [18], and the agent, [2]: named as LeRobot's environment does. */
const [keypointFeature, agentFeature] = ["observation.environment_state", "observation.state"];

/** Where the agent is: what relative actions are counted from. */
export const pushtAgent: RelativeTo = { feature: agentFeature, elements: [0, 1] };

export interface PushtSpecOptions {
  /** 2 unless given. */
  readonly obsHorizon?: number;
  /** 16 unless given. */
  readonly horizon?: number;
  /** 8 unless given. */
  readonly executeSteps?: number;
}

/** What PushT policies see and do: keypoints and agent at 10 Hz in, places for the agent out, in pixels. */
export function pushtSpec({
  obsHorizon = 2,
  horizon = 16,
  executeSteps = 8,
}: PushtSpecOptions = {}): PolicySpec {
  const place = { kind: "position", unit: "px", low: 0, high: 512 } as const;
  return {
    name: "pusht",
    observation: { [keypointFeature]: [18], [agentFeature]: [2] },
    obsHorizon,
    horizon,
    executeSteps,
    stepSeconds: 0.1,
    action: [
      { name: "x", ...place },
      { name: "y", ...place },
    ],
  };
}

export interface PushtEpisodesOptions {
  /**
   * Adds every episode as its mirror image, (x, y) -> (512 - y, 512 - x), angle -> pi / 2 - angle: the task does not
   * change by it, but for a pixel at the walls. Default false.
   */
  readonly mirror?: boolean;
}

/**
 * The demonstrations of `pushtDemonstrations` as PushT policies see them: observation.environment_state [18], keypoints
 * computed from the recorded poses, observation.state [2], the agent, and action [2]. Throws "option", "shape" for
 * episodes of something else.
 */
export function pushtEpisodes(set: Episodes, { mirror = false }: PushtEpisodesOptions = {}): Episodes {
  const states = columnOf(set, "observation.state");
  const actions = columnOf(set, "action");
  if (states.shape[1] !== 5 || actions.shape[1] !== 2) {
    throw new AdvectError("shape", set.name, {
      expected: "observation.state [5] and action [2], as PushT has them",
      got: `[${states.shape[1]}] and [${actions.shape[1]}]`,
    });
  }
  const sides = mirror ? [same, mirrored] : [same];
  const parts = sides.map((side) => sideOf(states as NdArray, { actions: actions as NdArray, side }));
  const frames = states.shape[0]!;
  const { statistics: _, ...rest } = set; // they were of other features
  return {
    ...rest,
    features: {
      [keypointFeature]: { dtype: "float32", shape: [18] },
      [agentFeature]: { dtype: "float32", shape: [2] },
      action: set.features.action ?? { dtype: "float32", shape: [2] },
    },
    columns: {
      [keypointFeature]: joined(
        parts.map(({ keypoints }) => keypoints),
        18,
      ),
      [agentFeature]: joined(
        parts.map(({ agents }) => agents),
        2,
      ),
      action: joined(
        parts.map(({ moves }) => moves),
        2,
      ),
    },
    texts: {},
    images: {},
    episodes: sides.flatMap((_side, i) =>
      set.episodes.map(({ start, end, tasks, index }) => ({
        index: index + i * set.episodes.length,
        start: start + i * frames,
        end: end + i * frames,
        tasks,
      })),
    ),
  };
}

interface Moment {
  readonly agent: readonly [number, number];
  readonly block: readonly [number, number];
  readonly angleRad: number;
  readonly action: readonly [number, number];
}

type Side = (moment: Moment) => Moment;

const same: Side = (moment) => moment;

const size = 512;
const flipped = ([x, y]: readonly [number, number]): readonly [number, number] => [size - y, size - x];

const mirrored: Side = ({ agent, block, angleRad, action }) => ({
  agent: flipped(agent),
  block: flipped(block),
  angleRad: Math.PI / 2 - angleRad,
  action: flipped(action),
});

function sideOf({ data: state }: NdArray, { actions, side }: { actions: NdArray; side: Side }) {
  const frames = state.length / 5;
  const keypoints = new Float32Array(frames * 18);
  const agents = new Float32Array(frames * 2);
  const moves = new Float32Array(frames * 2);
  for (let i = 0; i < frames; i++) {
    const { agent, block, angleRad, action } = side({
      agent: [state[5 * i]!, state[5 * i + 1]!],
      block: [state[5 * i + 2]!, state[5 * i + 3]!],
      angleRad: state[5 * i + 4]!,
      action: [actions.data[2 * i]!, actions.data[2 * i + 1]!],
    });
    keypoints.set(blockKeypoints({ x: block[0], y: block[1], angleRad }), 18 * i);
    agents.set(agent, 2 * i);
    moves.set(action, 2 * i);
  }
  return { keypoints, agents, moves };
}

function joined(parts: readonly Float32Array[], width: number): NdArray<"float32"> {
  const data = new Float32Array(parts.length * parts[0]!.length);
  parts.forEach((part, i) => data.set(part, i * parts[0]!.length));
  return ndarray(data, [data.length / width, width]);
}
