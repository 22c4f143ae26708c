import { type Body, body } from "../physics/body.ts";
import { type Points, type Polygon, polygon } from "../physics/shapes.ts";

/** Block frame of PushT: the origin is the middle of the bar's outer edge, the stem points along +y. Pixels. */
export const bar: Points = [
  [-60, 0],
  [60, 0],
  [60, 30],
  [-60, 30],
];
export const stem: Points = [
  [-15, 30],
  [15, 30],
  [15, 120],
  [-15, 120],
];

/** Area of the T in square pixels. */
export const blockArea = 6300;

/**
 * Mass and moment as the reference computes them: the moment counts the bar twice, and the centre of gravity is the
 * mean of the two centroids, not the centroid of the area. The recorded demonstrations depend on both.
 */
export function blockBody(): Body {
  return body({ mass: 1, moment: 3000, cog: [0, 45] });
}

export function blockPolygons(block: Body, firstId: number): Polygon[] {
  return [bar, stem].map((points, i) => polygon({ id: firstId + i, body: block, points }));
}

/** The pose of a T: the place of its frame's origin and its angle. */
export interface Pose {
  readonly x: number;
  readonly y: number;
  readonly angleRad: number;
}

/** Where the goal lies unless another is given. */
export const defaultGoal: Pose = { x: 256, y: 256, angleRad: Math.PI / 4 };

/** world(q) = (x, y) + R q for every point, x and y in turn. */
export function placed(points: Points, { x, y, angleRad }: Pose): Float64Array {
  const cos = Math.cos(angleRad);
  const sin = Math.sin(angleRad);
  const world = new Float64Array(2 * points.length);
  for (let i = 0; i < points.length; i++) {
    const [px, py] = points[i]!;
    world[2 * i] = x + (cos * px - sin * py);
    world[2 * i + 1] = y + (sin * px + cos * py);
  }
  return world;
}
