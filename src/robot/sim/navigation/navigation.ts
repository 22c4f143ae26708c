import { type NdArray, ndarray } from "../../../engine/array/index.ts";
import { AdvectError } from "../../../engine/error.ts";
import { type Key, key, uniform } from "../../../engine/random/index.ts";
import type { Point } from "../drawing/scene.ts";
import {
  checkVector,
  type Environment,
  type EnvironmentSpec,
  notReset,
  type Start,
  type StepResult,
} from "../environment.ts";
import {
  freePart,
  goal,
  goalRadius,
  maxSpeed,
  navigationScene,
  robotRadius,
  start,
  type Way,
} from "./arena.ts";

export interface NavigationStep extends StepResult<NdArray<"float64">> {
  /** Whether the robot ran into an obstacle or the border in this step; it then stands there. */
  readonly collided: boolean;
  /** Which way round it took; undefined before it has passed the middle. */
  readonly way: Way | undefined;
}

export interface NavigationOptions {
  /** 60 unless given, 6 s. */
  readonly maxSteps?: number;
}

export const navigationStepSeconds = 0.1;

interface Episode {
  readonly places: Point[];
  way: Way | undefined;
}

/**
 * A point robot between discs: from the left to the goal on the right, above or below the disc in the middle, which is
 * equally far. An action is a velocity [2] in metres a second, for 0.1 s, scaled down to 1 m/s; observation and state
 * are the place [2], in metres, y up. Reward = the part of the way from start to goal by which the robot is nearer, in
 * [0, 1]; success and the end within 0.1 m of the goal. The mean of two ways leads into the disc: a policy that
 * averages its demonstrations collides.
 */
export function navigation({
  maxSteps = 60,
}: NavigationOptions = {}): Environment<NdArray<"float64">, NavigationStep> {
  let episode: Episode | undefined;
  const current = (where: string) => {
    if (episode === undefined) throw notReset(where);
    return episode;
  };
  const observe = (place: Point) => ndarray(Float64Array.from(place), [2]);
  return {
    spec: specOf(maxSteps),
    reset: (from) => {
      const place = startingPlace(from);
      episode = { places: [place], way: undefined };
      return observe(place);
    },
    step: (action) => {
      const now = current("navigation.step");
      checkVector("navigation.step", action, 2);
      const collided = move(now, [action.data[0]!, action.data[1]!]);
      const place = now.places.at(-1)!;
      const success = distanceToGoal(place) <= goalRadius;
      const truncated = now.places.length > maxSteps;
      const reward = progress(now.places[0]!, place);
      return {
        observation: observe(place),
        reward,
        success,
        terminated: success,
        truncated,
        collided,
        way: now.way,
      };
    },
    state: () => observe(current("navigation.state").places.at(-1)!),
    scene: () => navigationScene(current("navigation.scene").places),
  };
}

function specOf(maxSteps: number): EnvironmentSpec {
  const action = { names: ["vx", "vy"], low: [-maxSpeed, -maxSpeed], high: [maxSpeed, maxSpeed] };
  return { name: "navigation", stepSeconds: navigationStepSeconds, maxSteps, action };
}

/** Moves as far as the way is free; returns whether it was not. */
function move(episode: Episode, [vx, vy]: Point): boolean {
  const from = episode.places.at(-1)!;
  const length = navigationStepSeconds * Math.min(1, maxSpeed / Math.max(Math.hypot(vx, vy), 1e-12));
  const to: Point = [from[0] + vx * length, from[1] + vy * length];
  const part = freePart(from, to);
  const place: Point = [from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])];
  episode.places.push(place);
  if (episode.way === undefined && from[0] < 0 && place[0] >= 0) {
    episode.way = from[1] - (from[0] * (place[1] - from[1])) / (place[0] - from[0]) > 0 ? "above" : "below";
  }
  return part < 1;
}

const distanceToGoal = ([x, y]: Point) => Math.hypot(goal[0] - x, goal[1] - y);

function progress(from: Point, place: Point): number {
  return Math.min(1, Math.max(0, 1 - distanceToGoal(place) / distanceToGoal(from)));
}

/** A start at the left, at a random height. */
export function drawPlace(from: Key): Point {
  return [start.x, uniform(from, [1], { low: -start.spread, high: start.spread }).data[0]!];
}

function startingPlace(from: Start): Point {
  if ("seed" in from) return drawPlace(key(from.seed));
  if ("key" in from) return drawPlace(from.key);
  checkVector("navigation.reset", from.state, 2);
  const place: Point = [from.state.data[0]!, from.state.data[1]!];
  const limit = 1 - robotRadius;
  if (Math.max(Math.abs(place[0]), Math.abs(place[1])) <= limit) return place;
  throw new AdvectError("option", "navigation.reset", {
    expected: `a place inside the arena, within ${limit} of its middle`,
    got: place,
  });
}
