/** From (ax, ay) to (bx, by). */
export interface Segment {
  readonly ax: number;
  readonly ay: number;
  readonly bx: number;
  readonly by: number;
}

/** How many pairs of segments cross; those that only touch, or lie on one line, do not. */
export function crossings(segments: readonly Segment[]): number {
  let count = 0;
  for (let i = 0; i < segments.length; i++) {
    for (let j = 0; j < i; j++) if (cross(segments[i]!, segments[j]!)) count++;
  }
  return count;
}

/** Each has its ends on both sides of the other. */
function cross(a: Segment, b: Segment): boolean {
  return side(a, b.ax, b.ay) * side(a, b.bx, b.by) < 0 && side(b, a.ax, a.ay) * side(b, a.bx, a.by) < 0;
}

function side({ ax, ay, bx, by }: Segment, x: number, y: number): number {
  return Math.sign((bx - ax) * (y - ay) - (by - ay) * (x - ax));
}
