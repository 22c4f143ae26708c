/** A convex polygon: x and y in turn, counter-clockwise by formula (positive shoelace area). */
export type Ring = Float64Array;

/** Room for the intersection of polygons of up to 16 vertices together; reused from call to call. */
const buffers: readonly [Ring, Ring] = [new Float64Array(64), new Float64Array(64)];

/**
 * The area that two convex polygons share: `subject` cut by every edge of `clip` [sutherland1974], then the shoelace
 * formula. 0 where they only touch. Needs positive orientation and at most 8 vertices each.
 */
export function sharedArea(subject: Ring, clip: Ring): number {
  let from = buffers[0];
  let to = buffers[1];
  from.set(subject);
  let length = subject.length;
  for (let k = 0; k < clip.length && length > 0; k += 2) {
    const next = (k + 2) % clip.length;
    length = cut(
      { from, length, to },
      clip[k]!,
      clip[k + 1]!,
      clip[next]! - clip[k]!,
      clip[next + 1]! - clip[k + 1]!,
    );
    const written = to;
    to = from;
    from = written;
  }
  return ringArea(from, length);
}

interface Cut {
  readonly from: Float64Array;
  readonly length: number;
  readonly to: Float64Array;
}

/** Keeps what lies left of the line through (x, y) along (dx, dy). Returns the number of coordinates written. */
function cut({ from, length, to }: Cut, x: number, y: number, dx: number, dy: number): number {
  let written = 0;
  let px = from[length - 2]!;
  let py = from[length - 1]!;
  let before = dx * (py - y) - dy * (px - x);
  for (let k = 0; k < length; k += 2) {
    const qx = from[k]!;
    const qy = from[k + 1]!;
    const side = dx * (qy - y) - dy * (qx - x);
    if (side >= 0 !== before >= 0) {
      const t = before / (before - side);
      to[written++] = px + (qx - px) * t;
      to[written++] = py + (qy - py) * t;
    }
    if (side >= 0) {
      to[written++] = qx;
      to[written++] = qy;
    }
    px = qx;
    py = qy;
    before = side;
  }
  return written;
}

/** The shoelace formula around the first vertex, so that far-off polygons lose no digits. */
export function ringArea(ring: Ring, length = ring.length): number {
  let twice = 0;
  for (let k = 2; k + 3 < length; k += 2) {
    const ux = ring[k]! - ring[0]!;
    const uy = ring[k + 1]! - ring[1]!;
    twice += ux * (ring[k + 3]! - ring[1]!) - uy * (ring[k + 2]! - ring[0]!);
  }
  return twice / 2;
}
