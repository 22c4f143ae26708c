import type { Body } from "./body.ts";

/** An axis-parallel box: left, bottom, right, top, with left <= right and bottom <= top. */
export type Box = Float64Array;

/** A disc around the origin of its body. */
export interface Disc {
  readonly id: number;
  readonly kind: "disc";
  readonly body: Body;
  readonly radius: number;
  readonly box: Box;
}

/** A fixed wall: a segment with rounded ends. */
export interface Wall {
  readonly id: number;
  readonly kind: "wall";
  readonly body: Body;
  readonly radius: number;
  readonly ax: number;
  readonly ay: number;
  readonly bx: number;
  readonly by: number;
  /** Unit normal (d.y, -d.x) of the direction d from a to b. */
  readonly nx: number;
  readonly ny: number;
  readonly box: Box;
}

/** A convex polygon on a body; edge i runs from vertex i - 1 to vertex i, with outward normal (e.y, -e.x) / |e|. */
export interface Polygon {
  readonly id: number;
  readonly kind: "polygon";
  readonly body: Body;
  readonly count: number;
  /** x and y in turn, in the body frame. */
  readonly vertices: Float64Array;
  readonly normals: Float64Array;
  /** The same in the world, as of the last `updatePolygon`. */
  readonly worldVertices: Float64Array;
  readonly worldNormals: Float64Array;
  readonly box: Box;
}

export type Points = readonly (readonly [x: number, y: number])[];

/** Normalisations divide by length + tiny, as Chipmunk's do. */
export const tiny = 2.2250738585072014e-308;

export function disc(options: Pick<Disc, "id" | "body" | "radius">): Disc {
  const shape: Disc = { kind: "disc", ...options, box: new Float64Array(4) };
  updateDisc(shape);
  return shape;
}

type WallOptions = Pick<Wall, "id" | "body" | "radius" | "ax" | "ay" | "bx" | "by">;

export function wall(options: WallOptions): Wall {
  const { ax, ay, bx, by, radius } = options;
  const dx = bx - ax;
  const dy = by - ay;
  const scale = 1 / (Math.sqrt(dx * dx + dy * dy) + tiny);
  const lower = [Math.min(ax, bx) - radius, Math.min(ay, by) - radius];
  const upper = [Math.max(ax, bx) + radius, Math.max(ay, by) + radius];
  const box = Float64Array.from([...lower, ...upper]);
  return { kind: "wall", ...options, nx: dy * scale, ny: -dx * scale, box };
}

/** `points` are counter-clockwise where y points up, so that outward normals are (e.y, -e.x). */
export function polygon({ points, ...options }: { id: number; body: Body; points: Points }): Polygon {
  const count = points.length;
  const vertices = Float64Array.from(points.flat());
  const normals = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    const before = (i + count - 1) % count;
    const ex = vertices[2 * i]! - vertices[2 * before]!;
    const ey = vertices[2 * i + 1]! - vertices[2 * before + 1]!;
    const scale = 1 / (Math.sqrt(ex * ex + ey * ey) + tiny);
    normals[2 * i] = ey * scale;
    normals[2 * i + 1] = -ex * scale;
  }
  const world = { worldVertices: vertices.slice(), worldNormals: normals.slice() };
  const shape: Polygon = {
    kind: "polygon",
    ...options,
    count,
    vertices,
    normals,
    ...world,
    box: new Float64Array(4),
  };
  updatePolygon(shape);
  return shape;
}

/** Moves the disc's box to where its body is. */
export function updateDisc({ body, radius, box }: Disc): void {
  box[0] = body.originX - radius;
  box[1] = body.originY - radius;
  box[2] = body.originX + radius;
  box[3] = body.originY + radius;
}

/** Moves the polygon's world vertices, normals and box to where its body is. */
export function updatePolygon({
  body,
  count,
  vertices,
  normals,
  worldVertices,
  worldNormals,
  box,
}: Polygon): void {
  const { cos, sin, originX, originY } = body;
  let left = Infinity;
  let bottom = Infinity;
  let right = -Infinity;
  let top = -Infinity;
  for (let k = 0; k < 2 * count; k += 2) {
    const x = cos * vertices[k]! - sin * vertices[k + 1]! + originX;
    const y = sin * vertices[k]! + cos * vertices[k + 1]! + originY;
    worldVertices[k] = x;
    worldVertices[k + 1] = y;
    worldNormals[k] = cos * normals[k]! - sin * normals[k + 1]!;
    worldNormals[k + 1] = sin * normals[k]! + cos * normals[k + 1]!;
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < bottom) bottom = y;
    if (y > top) top = y;
  }
  box[0] = left;
  box[1] = bottom;
  box[2] = right;
  box[3] = top;
}
