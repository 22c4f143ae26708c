import type { Body } from "./body.ts";
import type { Manifold } from "./collide.ts";
import type { Disc, Polygon, Wall } from "./shapes.ts";

/** A contact that the solver holds apart: arms from both centres of gravity and accumulated impulses. */
export interface Contact {
  key: number;
  r1x: number;
  r1y: number;
  r2x: number;
  r2y: number;
  normalMass: number;
  /** The speed that pushes the shapes apart. */
  bias: number;
  /** Accumulated impulses, >= 0: of the bias velocity, and of the velocity. */
  biasImpulse: number;
  impulse: number;
}

/** What is known about two shapes that touch or did lately. Shape A is a disc or a wall, B a polygon. */
export interface Arbiter {
  readonly a: Disc | Wall;
  readonly b: Polygon;
  /** New or found again after a gap: its impulses of earlier steps are not applied again, but kept. */
  isFirst: boolean;
  isCached: boolean;
  /** The step in which it was last touched. */
  stamp: number;
  count: number;
  nx: number;
  ny: number;
  readonly contacts: readonly [Contact, Contact];
}

/** Constants of Chipmunk are written in float32: slop in pixels, and the part of an overlap that stays after 1 s. */
const slop = Math.fround(0.1);
const overlapAfterSecond = Math.fround(Math.fround(1) - Math.fround(0.1)) ** 60;
/** Steps after which an untouched arbiter is forgotten. */
const persistenceSteps = 3;

export function arbiter(a: Disc | Wall, b: Polygon): Arbiter {
  const contacts: [Contact, Contact] = [contact(), contact()];
  return { a, b, isFirst: true, isCached: false, stamp: -Infinity, count: 0, nx: 0, ny: 0, contacts };
}

function contact(): Contact {
  const arms = { r1x: 0, r1y: 0, r2x: 0, r2y: 0 };
  return { key: 0, ...arms, normalMass: 0, bias: 0, biasImpulse: 0, impulse: 0 };
}

/** Takes over where the shapes touch now; contacts with the key of an old one go on with its impulse. */
export function touch(arbiter: Arbiter, found: Manifold, stamp: number): void {
  const [c0, c1] = arbiter.contacts;
  const oldCount = arbiter.count;
  const oldKey0 = c0.key;
  const oldKey1 = c1.key;
  const oldImpulse0 = c0.impulse;
  const oldImpulse1 = c1.impulse;
  const a = arbiter.a.body;
  const b = arbiter.b.body;
  for (let i = 0; i < found.count; i++) {
    const point = found.contacts[i === 0 ? 0 : 1];
    const c = i === 0 ? c0 : c1;
    c.key = point.key;
    c.r1x = point.ax - a.x;
    c.r1y = point.ay - a.y;
    c.r2x = point.bx - b.x;
    c.r2y = point.by - b.y;
    c.impulse = 0;
    if (oldCount > 0 && oldKey0 === point.key) c.impulse = oldImpulse0;
    if (oldCount > 1 && oldKey1 === point.key) c.impulse = oldImpulse1;
  }
  arbiter.count = found.count;
  arbiter.nx = found.nx;
  arbiter.ny = found.ny;
  if (arbiter.isCached) {
    arbiter.isCached = false;
    arbiter.isFirst = true;
  }
  arbiter.stamp = stamp;
}

/** Marks an arbiter that was not touched in this step, and forgets it after `persistenceSteps`. */
export function age(arbiter: Arbiter, stamp: number): void {
  const steps = stamp - arbiter.stamp;
  if (steps >= 1) arbiter.isCached = true;
  if (steps < persistenceSteps) return;
  arbiter.count = 0;
  arbiter.isCached = false;
  arbiter.isFirst = true;
}

/** The part of an overlap that a step of `stepSeconds` removes. */
export function biasCoefficient(stepSeconds: number): number {
  return 1 - overlapAfterSecond ** stepSeconds;
}

/** Effective masses, and the speeds that are to push overlapping shapes apart. */
export function prepare(arbiter: Arbiter, coefficient: number, stepSeconds: number): void {
  const { nx, ny } = arbiter;
  const a = arbiter.a.body;
  const b = arbiter.b.body;
  const deltaX = b.x - a.x;
  const deltaY = b.y - a.y;
  for (let i = 0; i < arbiter.count; i++) {
    const c = arbiter.contacts[i === 0 ? 0 : 1];
    const turn1 = c.r1x * ny - c.r1y * nx;
    const turn2 = c.r2x * ny - c.r2y * nx;
    const inverse1 = a.inverseMass + a.inverseMoment * turn1 * turn1;
    c.normalMass = 1 / (inverse1 + (b.inverseMass + b.inverseMoment * turn2 * turn2));
    const distance = (c.r2x - c.r1x + deltaX) * nx + (c.r2y - c.r1y + deltaY) * ny;
    c.bias = (-coefficient * Math.min(0, distance + slop)) / stepSeconds;
    c.biasImpulse = 0;
  }
}

/** Starts from the impulses of the step before, so that few iterations suffice. */
export function warmStart(arbiter: Arbiter, scale: number): void {
  if (arbiter.isFirst) return;
  for (let i = 0; i < arbiter.count; i++) {
    const c = arbiter.contacts[i === 0 ? 0 : 1];
    push(arbiter.b.body, c, arbiter.nx * c.impulse * scale, arbiter.ny * c.impulse * scale);
  }
}

/**
 * One iteration: for each contact the impulses that stop the approach of the velocities and of the bias velocities,
 * accumulated ones kept >= 0. No friction, no bounce; only B is pushed, since A has infinite mass.
 */
export function solve(arbiter: Arbiter): void {
  const { nx, ny } = arbiter;
  const a = arbiter.a.body;
  const b = arbiter.b.body;
  for (let i = 0; i < arbiter.count; i++) {
    const c = arbiter.contacts[i === 0 ? 0 : 1];
    const biasX = b.biasX - c.r2y * b.biasW - (a.biasX - c.r1y * a.biasW);
    const biasY = b.biasY + c.r2x * b.biasW - (a.biasY + c.r1x * a.biasW);
    const vx = b.vx - c.r2y * b.w - (a.vx - c.r1y * a.w);
    const vy = b.vy + c.r2x * b.w - (a.vy + c.r1x * a.w);
    const biasBefore = c.biasImpulse;
    const before = c.impulse;
    c.biasImpulse = Math.max(biasBefore + (c.bias - (biasX * nx + biasY * ny)) * c.normalMass, 0);
    c.impulse = Math.max(before - (vx * nx + vy * ny) * c.normalMass, 0);
    pushBias(b, c, nx * (c.biasImpulse - biasBefore), ny * (c.biasImpulse - biasBefore));
    push(b, c, nx * (c.impulse - before), ny * (c.impulse - before));
  }
}

function push(body: Body, { r2x, r2y }: Contact, jx: number, jy: number): void {
  body.vx += jx * body.inverseMass;
  body.vy += jy * body.inverseMass;
  body.w += body.inverseMoment * (r2x * jy - r2y * jx);
}

function pushBias(body: Body, { r2x, r2y }: Contact, jx: number, jy: number): void {
  body.biasX += jx * body.inverseMass;
  body.biasY += jy * body.inverseMass;
  body.biasW += body.inverseMoment * (r2x * jy - r2y * jx);
}
