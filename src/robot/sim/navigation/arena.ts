import type { Mark, Point, Rgb, Scene } from "../drawing/scene.ts";

/** A disc in metres, y up. */
export interface Obstacle {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** The robot's radius, its greatest speed in metres a second, and how near the goal counts as there. */
export const robotRadius = 0.05;
export const maxSpeed = 1;
export const goalRadius = 0.1;

export const goal: Point = [0.8, 0];
/** Where episodes start: x, and the half range of y. */
export const start = { x: -0.8, spread: 0.1 } as const;

/** One in the middle, which leaves two ways round, and two that narrow the ways. The arena is [-1, 1] x [-1, 1]. */
export const obstacles: readonly Obstacle[] = [
  { x: 0, y: 0, radius: 0.35 },
  { x: 0, y: 0.95, radius: 0.15 },
  { x: 0, y: -0.95, radius: 0.15 },
];

/** Which way round the obstacle in the middle: where the robot passed x = 0. */
export type Way = "above" | "below";

/**
 * The part of the way from a to b, in [0, 1], that the robot can go before it touches an obstacle or the border; 0 also
 * where it touches already and would go deeper.
 */
export function freePart(a: Point, b: Point): number {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  let part = 1;
  for (const { x, y, radius } of obstacles) {
    part = Math.min(part, discEntry([a[0] - x, a[1] - y], [dx, dy], radius + robotRadius));
  }
  const limit = 1 - robotRadius;
  return Math.min(part, borderExit(a[0], dx, limit), borderExit(a[1], dy, limit));
}

/** The first t in [0, 1] with |p + t d| = r on the way inwards; 1 if there is none. */
function discEntry([px, py]: Point, [dx, dy]: Point, radius: number): number {
  const inwards = px * dx + py * dy;
  if (inwards >= 0) return 1;
  const squared = dx * dx + dy * dy;
  const outside = px * px + py * py - radius * radius;
  if (outside <= 0) return 0;
  const root = inwards * inwards - squared * outside;
  if (root < 0) return 1;
  return Math.min(1, outside / (Math.sqrt(root) - inwards));
}

function borderExit(place: number, change: number, limit: number): number {
  if (change === 0 || Math.abs(place + change) <= limit) return 1;
  return Math.max(0, Math.min(1, (Math.sign(change) * limit - place) / change));
}

const white: Rgb = [255, 255, 255];
const gray: Rgb = [160, 168, 178];
const green: Rgb = [144, 238, 144];
const blue: Rgb = [65, 105, 225];
const orange: Rgb = [240, 140, 40];
const scenePixels = 256;

/** The arena with the robot's way so far; y points down in scenes. */
export function navigationScene(way: readonly Point[]): Scene {
  const scale = scenePixels / 2;
  const place = ([x, y]: Point): Point => [(x + 1) * scale, (1 - y) * scale];
  const disc = (center: Point, radius: number, color: Rgb): Mark => ({
    kind: "disc",
    center: place(center),
    radius: radius * scale,
    color,
  });
  const trail = way
    .slice(1)
    .map((to, i): Mark => ({ kind: "line", from: place(way[i]!), to: place(to), width: 2, color: orange }));
  const fixed = obstacles.map(({ x, y, radius }) => disc([x, y], radius, gray));
  const marks = [disc(goal, goalRadius, green), ...fixed, ...trail, disc(way.at(-1)!, robotRadius, blue)];
  return { width: scenePixels, height: scenePixels, background: white, marks };
}
