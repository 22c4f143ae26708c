import { type Episodes, episodesFromArrays } from "../../../data/index.ts";
import { ndarray } from "../../../engine/array/index.ts";
import { AdvectError } from "../../../engine/error.ts";
import { type Key, normal, uniform } from "../../../engine/random/index.ts";
import type { Point } from "../drawing/scene.ts";
import { goal, type Way } from "./arena.ts";
import { drawPlace, navigation, navigationStepSeconds } from "./navigation.ts";

export interface NavigationDemonstrations {
  readonly key: Key;
  /** Episodes, an even number: half of them go above, half below, in turn. */
  readonly count: number;
  /** Standard deviation of each action around the script's, in metres a second: 0.05 unless given. */
  readonly noise?: number;
}

/** The script's speed in metres a second, and how far from the middle it passes the disc, in metres. */
const speed = 0.8;
const clearance = { low: 0.52, high: 0.66 };

/**
 * Scripted episodes of `navigation`, as many above as below, none of which collides: along half a sine from start to
 * goal, at a constant speed, actions disturbed and corrected in the next step. Features: observation.state [2],
 * action [2]; the task of an episode is the same for both ways. Throws "option".
 */
export function navigationDemonstrations({ key, count, noise = 0.05 }: NavigationDemonstrations): Episodes {
  if (!Number.isSafeInteger(count) || count < 2 || count % 2 !== 0 || !(noise >= 0 && noise <= 0.1)) {
    throw new AdvectError("option", "navigationDemonstrations", {
      expected: "an even count >= 2, and noise from 0 to 0.1",
      got: `count ${count}, noise ${noise}`,
    });
  }
  const states: number[] = [];
  const actions: number[] = [];
  const episodeEnds: number[] = [];
  for (let i = 0; i < count; i++) {
    const episode = demonstrate({ key: key.fold(i), way: i % 2 === 0 ? "above" : "below", noise });
    states.push(...episode.states);
    actions.push(...episode.actions);
    episodeEnds.push(states.length / 2);
  }
  const frames = states.length / 2;
  return episodesFromArrays({
    name: "navigation",
    fps: 1 / navigationStepSeconds,
    task: "Go to the goal.",
    arrays: {
      "observation.state": ndarray(Float32Array.from(states), [frames, 2]),
      action: ndarray(Float32Array.from(actions), [frames, 2]),
    },
    episodeEnds,
    names: { "observation.state": ["x", "y"], action: ["vx", "vy"] },
  });
}

interface Demonstration {
  readonly key: Key;
  readonly way: Way;
  readonly noise: number;
}

function demonstrate({ key, way, noise }: Demonstration): { states: number[]; actions: number[] } {
  const environment = navigation();
  const startPlace = drawPlace(key.fold("start"));
  environment.reset({ state: ndarray(Float64Array.from(startPlace), [2]) });
  const side = way === "above" ? 1 : -1;
  const height = side * uniform(key.fold("height"), [1], clearance).data[0]!;
  const disturbances = normal(key.fold("noise"), [environment.spec.maxSteps, 2]).data;
  const curve = sine(startPlace, height);
  const states: number[] = [];
  const actions: number[] = [];
  let place: Point = startPlace;
  let along = 0;
  for (let i = 0; i < environment.spec.maxSteps; i++) {
    along = ahead(curve, place, along);
    const [x, y] = curve(along);
    const vx = (x - place[0]) / navigationStepSeconds + noise * disturbances[2 * i]!;
    const vy = (y - place[1]) / navigationStepSeconds + noise * disturbances[2 * i + 1]!;
    states.push(...place);
    actions.push(vx, vy);
    const { observation, terminated } = environment.step(ndarray(Float64Array.of(vx, vy), [2]));
    place = [observation.data[0]!, observation.data[1]!];
    if (terminated) break;
  }
  return { states, actions };
}

type Curve = (along: number) => Point;

/** From `from` at 0 to the goal at 1, `height` off the straight line in the middle. */
function sine(from: Point, height: number): Curve {
  return (along) => [
    from[0] + along * (goal[0] - from[0]),
    from[1] + along * (goal[1] - from[1]) + height * Math.sin(Math.PI * along),
  ];
}

/** The first place on the curve, from `along` on, that is a step away. */
function ahead(curve: Curve, place: Point, along: number): number {
  const parts = 500;
  for (let k = Math.ceil(along * parts); k < parts; k++) {
    const [x, y] = curve(k / parts);
    if (Math.hypot(x - place[0], y - place[1]) >= speed * navigationStepSeconds) return k / parts;
  }
  return 1;
}
