import { type Disc, type Polygon, tiny, type Wall } from "./shapes.ts";

/** Where two shapes A and B touch; the normal points from A to B. At most two contacts; reused from call to call. */
export interface Manifold {
  count: number;
  nx: number;
  ny: number;
  readonly contacts: readonly [ContactPoint, ContactPoint];
}

/** A point on A's surface, its partner on B's, and a key by which the contact is found again in the next step. */
export interface ContactPoint {
  ax: number;
  ay: number;
  bx: number;
  by: number;
  key: number;
}

export function manifold(): Manifold {
  const point = (): ContactPoint => ({ ax: 0, ay: 0, bx: 0, by: 0, key: 0 });
  return { count: 0, nx: 0, ny: 0, contacts: [point(), point()] };
}

/** Closest so far of two convex cores: points on both, the normal from A to B, their signed distance. */
interface Closest {
  squared: number;
  distance: number;
  nx: number;
  ny: number;
  ax: number;
  ay: number;
  bx: number;
  by: number;
}

const closest: Closest = { squared: 0, distance: 0, nx: 0, ny: 0, ax: 0, ay: 0, bx: 0, by: 0 };

/** Contacts of a disc A with a polygon B: one where they touch, also for a centre inside the polygon. */
export function discPolygon(
  { body, radius }: Disc,
  { count, worldVertices: v }: Polygon,
  out: Manifold,
): void {
  const x = body.originX;
  const y = body.originY;
  closest.squared = Infinity;
  let px = v[2 * count - 2]!;
  let py = v[2 * count - 1]!;
  for (let k = 0; k < 2 * count; k += 2) {
    const qx = v[k]!;
    const qy = v[k + 1]!;
    tryEdge(x, y, px, py, x, y, qx, qy);
    px = qx;
    py = qy;
  }
  out.count = 0;
  if (closest.distance > radius) return;
  setNormal(out);
  setContact(
    out,
    closest.ax + closest.nx * radius,
    closest.ay + closest.ny * radius,
    closest.bx,
    closest.by,
    0,
  );
}

/** Contacts of a wall A with a polygon B: up to two, where their facing edges overlap. */
export function wallPolygon(wall: Wall, block: Polygon, out: Manifold): void {
  out.count = 0;
  closestOfWall(wall, block);
  if (closest.distance > wall.radius) return;
  setNormal(out);
  clipEdges(wall, block, out);
}

/** The edges of the Minkowski difference B - A: each polygon edge with a wall's end, the wall's sides with a vertex. */
function closestOfWall(
  { ax, ay, bx, by, nx, ny }: Wall,
  { count, worldVertices: v, worldNormals: n }: Polygon,
) {
  closest.squared = Infinity;
  let low = 0;
  let high = 0;
  for (let i = 0; i < count; i++) {
    const k = 2 * i;
    const before = 2 * ((i + count - 1) % count);
    const atA = -n[k]! * ax - n[k + 1]! * ay > -n[k]! * bx - n[k + 1]! * by;
    const x = atA ? ax : bx;
    const y = atA ? ay : by;
    tryEdge(x, y, v[before]!, v[before + 1]!, x, y, v[k]!, v[k + 1]!);
    const along = nx * v[k]! + ny * v[k + 1]!;
    if (along < nx * v[low]! + ny * v[low + 1]!) low = k;
    if (along > nx * v[high]! + ny * v[high + 1]!) high = k;
  }
  tryEdge(ax, ay, v[low]!, v[low + 1]!, bx, by, v[low]!, v[low + 1]!);
  tryEdge(bx, by, v[high]!, v[high + 1]!, ax, ay, v[high]!, v[high + 1]!);
}

/**
 * One edge of B - A, from b0 - a0 to b1 - a1, counter-clockwise: keeps it when its nearest point to the origin is
 * nearer than all before. Inside the difference the shapes overlap and the distance is negative.
 */
function tryEdge(
  a0x: number,
  a0y: number,
  b0x: number,
  b0y: number,
  a1x: number,
  a1y: number,
  b1x: number,
  b1y: number,
): void {
  const x0 = b0x - a0x;
  const y0 = b0y - a0y;
  const x1 = b1x - a1x;
  const y1 = b1y - a1y;
  const dx = x1 - x0;
  const dy = y1 - y0;
  const squaredLength = dx * dx + dy * dy;
  const ratio = (dx * (x0 + x1) + dy * (y0 + y1)) / (squaredLength + tiny);
  const tau = ratio < -1 ? 1 : ratio > 1 ? -1 : -ratio;
  const s0 = 0.5 - 0.5 * tau;
  const s1 = 0.5 + 0.5 * tau;
  const qx = x0 * s0 + x1 * s1;
  const qy = y0 * s0 + y1 * s1;
  const squared = qx * qx + qy * qy;
  if (!(squared < closest.squared)) return;
  const scale = 1 / (Math.sqrt(squaredLength) + tiny);
  let nx = -dy * scale;
  let ny = dx * scale;
  let distance = nx * qx + ny * qy;
  if (distance > 0 && (tau === 1 || tau === -1)) {
    distance = Math.sqrt(squared);
    nx = qx * (1 / (distance + tiny));
    ny = qy * (1 / (distance + tiny));
  }
  closest.squared = squared;
  closest.distance = distance;
  closest.nx = nx;
  closest.ny = ny;
  closest.ax = a0x * s0 + a1x * s1;
  closest.ay = a0y * s0 + a1y * s1;
  closest.bx = b0x * s0 + b1x * s1;
  closest.by = b0y * s0 + b1y * s1;
}

/** The wall's side and the polygon's edge that face each other, each clipped to the other. */
function clipEdges(wall: Wall, { count, worldVertices: v, worldNormals: n }: Polygon, out: Manifold): void {
  const { nx, ny } = out;
  const forward = wall.nx * nx + wall.ny * ny > 0;
  const e1ax = forward ? wall.ax : wall.bx;
  const e1ay = forward ? wall.ay : wall.by;
  const e1bx = forward ? wall.bx : wall.ax;
  const e1by = forward ? wall.by : wall.ay;
  const support = supportVertex({ count, v }, -nx, -ny);
  const next = (support + 1) % count;
  const towardsSupport = -nx * n[2 * support]! - ny * n[2 * support + 1]!;
  const isBefore = towardsSupport > -nx * n[2 * next]! - ny * n[2 * next + 1]!;
  const i = isBefore ? (support + count - 1) % count : support;
  const j = isBefore ? support : next;
  const e2ax = v[2 * i]!;
  const e2ay = v[2 * i + 1]!;
  const e2bx = v[2 * j]!;
  const e2by = v[2 * j + 1]!;
  const s1a = e1ax * ny - e1ay * nx;
  const s1b = e1bx * ny - e1by * nx;
  const s2a = e2ax * ny - e2ay * nx;
  const s2b = e2bx * ny - e2by * nx;
  const k1 = 1 / (s1b - s1a + tiny);
  const k2 = 1 / (s2b - s2a + tiny);
  const endA = forward ? 0 : 1;
  for (let second = 0; second < 2; second++) {
    const t1 = clamp01(((second ? s2a : s2b) - s1a) * k1);
    const t2 = clamp01(((second ? s1b : s1a) - s2a) * k2);
    const p1x = nx * wall.radius + (e1ax * (1 - t1) + e1bx * t1);
    const p1y = ny * wall.radius + (e1ay * (1 - t1) + e1by * t1);
    const p2x = e2ax * (1 - t2) + e2bx * t2;
    const p2y = e2ay * (1 - t2) + e2by * t2;
    const key = (second ? 1 - endA : endA) * count + (second ? i : j);
    if ((p2x - p1x) * nx + (p2y - p1y) * ny <= 0) setContact(out, p1x, p1y, p2x, p2y, key);
  }
}

/** The vertex farthest along (dx, dy), the first of equals. */
function supportVertex({ count, v }: { count: number; v: Float64Array }, dx: number, dy: number): number {
  let best = 0;
  let most = -Infinity;
  for (let i = 0; i < count; i++) {
    const along = v[2 * i]! * dx + v[2 * i + 1]! * dy;
    if (along > most) {
      most = along;
      best = i;
    }
  }
  return best;
}

function setNormal(out: Manifold): void {
  out.nx = closest.nx;
  out.ny = closest.ny;
}

function setContact(out: Manifold, ax: number, ay: number, bx: number, by: number, key: number): void {
  const point = out.contacts[out.count === 0 ? 0 : 1];
  point.ax = ax;
  point.ay = ay;
  point.bx = bx;
  point.by = by;
  point.key = key;
  out.count++;
}

function clamp01(value: number): number {
  return Math.max(0, Math.min(value, 1));
}
