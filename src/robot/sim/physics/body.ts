/**
 * A rigid body in the plane: pose and velocity of its centre of gravity, and the velocity that only pushes it out of
 * what it overlaps (its bias, used up by the next step). All numbers change in place, nothing is allocated.
 */
export interface Body {
  /** The centre of gravity in the world. */
  x: number;
  y: number;
  angleRad: number;
  vx: number;
  vy: number;
  w: number;
  biasX: number;
  biasY: number;
  biasW: number;
  /** Rotation and place of the body frame: world(q) = (originX, originY) + R q. */
  cos: number;
  sin: number;
  originX: number;
  originY: number;
  /** The centre of gravity in the body frame. */
  readonly cogX: number;
  readonly cogY: number;
  /** 0 for a body that nothing can push. */
  readonly inverseMass: number;
  readonly inverseMoment: number;
}

export interface BodyOptions {
  readonly mass: number;
  readonly moment: number;
  readonly cog: readonly [x: number, y: number];
}

/** A body at rest, its frame at the origin. `mass` and `moment` may be Infinity. */
export function body({ mass, moment, cog: [cogX, cogY] }: BodyOptions): Body {
  const still = { vx: 0, vy: 0, w: 0, biasX: 0, biasY: 0, biasW: 0 };
  const frame = { cos: 1, sin: 0, originX: 0, originY: 0 };
  const inertia = { inverseMass: 1 / mass, inverseMoment: 1 / moment };
  return { x: cogX, y: cogY, angleRad: 0, ...still, ...frame, cogX, cogY, ...inertia };
}

/** Moves the frame's origin to (x, y), keeping the angle. */
export function moveTo(body: Body, x: number, y: number): void {
  body.x = body.cos * body.cogX - body.sin * body.cogY + x;
  body.y = body.sin * body.cogX + body.cos * body.cogY + y;
  updateFrame(body);
}

/** Turns the body about its centre of gravity, so that the frame's origin moves. */
export function turnTo(body: Body, angleRad: number): void {
  body.angleRad = angleRad;
  updateFrame(body);
}

/** p += (v + bias) dt, a += (w + biasW) dt, then bias = 0. Returns whether the body moved. */
export function advance(body: Body, stepSeconds: number): boolean {
  const vx = body.vx + body.biasX;
  const vy = body.vy + body.biasY;
  const w = body.w + body.biasW;
  body.biasX = 0;
  body.biasY = 0;
  body.biasW = 0;
  if (vx === 0 && vy === 0 && w === 0) return false;
  body.x += vx * stepSeconds;
  body.y += vy * stepSeconds;
  body.angleRad += w * stepSeconds;
  updateFrame(body);
  return true;
}

function updateFrame(body: Body): void {
  const cos = Math.cos(body.angleRad);
  const sin = Math.sin(body.angleRad);
  body.cos = cos;
  body.sin = sin;
  body.originX = body.x - (body.cogX * cos - body.cogY * sin);
  body.originY = body.y - (body.cogX * sin + body.cogY * cos);
}
