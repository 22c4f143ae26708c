import { type Arbiter, age, arbiter, biasCoefficient, prepare, solve, touch, warmStart } from "./arbiter.ts";
import { advance } from "./body.ts";
import { overlaps } from "./box.ts";
import { type Broadphase, broadphase, forEachPair, type Shape } from "./broadphase.ts";
import { discPolygon, type Manifold, manifold, wallPolygon } from "./collide.ts";
import { type Disc, type Polygon, updateDisc, updatePolygon, type Wall } from "./shapes.ts";

/** Solver iterations of a step. */
const iterations = 10;

/**
 * A disc that goes where it is told, a block of convex polygons that it pushes, and walls: the part of Chipmunk that
 * such a scene exercises. Quasi-static: the block's velocity is forgotten in every step (damping 0), no friction.
 */
export interface Space {
  readonly disc: Disc;
  readonly blocks: readonly Polygon[];
  /** Arbiters solved in the last step, in the order of the solver. */
  readonly active: Arbiter[];
  step(stepSeconds: number): void;
  /** Contacts of the last step. */
  contactCount(): number;
  /** Tells the space that the block or the disc was put elsewhere. */
  moved(): void;
}

export interface SpaceOptions {
  /** Ids 0, 1, … in this order, then the disc, then the polygons. */
  readonly walls: readonly Wall[];
  readonly disc: Disc;
  /** All on one body. */
  readonly blocks: readonly Polygon[];
}

export function space({ walls, disc, blocks }: SpaceOptions): Space {
  const block = blocks[0]!.body;
  const pairs = arbiters({ walls, disc, blocks });
  const cached = [...pairs.values()];
  const phase = startingPhase({ walls, disc, blocks });
  const found = manifold();
  const active: Arbiter[] = [];
  let stamp = 0;
  let previousSeconds = 0;

  const emit = (a: Shape, b: Shape): void => {
    if (a.body === b.body || !overlaps(a.box, b.box)) return;
    const pair = a.kind === "polygon" ? pairs.get(pairKey(b, a)) : pairs.get(pairKey(a, b));
    if (pair === undefined) return;
    collide(pair, found);
    if (found.count === 0) return;
    touch(pair, found, stamp);
    active.push(pair);
  };

  const updateShapes = (): void => {
    for (const polygon of blocks) updatePolygon(polygon);
    updateDisc(disc);
  };

  const step = (stepSeconds: number): void => {
    stamp++;
    for (const pair of active) pair.isFirst = false;
    active.length = 0;
    if (advance(disc.body, stepSeconds)) updateDisc(disc);
    if (advance(block, stepSeconds)) for (const polygon of blocks) updatePolygon(polygon);
    forEachPair(phase, emit);
    for (const pair of cached) if (pair.count > 0) age(pair, stamp);
    block.vx = 0;
    block.vy = 0;
    block.w = 0;
    if (active.length > 0)
      solveAll(active, stepSeconds, previousSeconds === 0 ? 0 : stepSeconds / previousSeconds);
    previousSeconds = stepSeconds;
  };

  const contactCount = () => active.reduce((sum, { count }) => sum + count, 0);
  return { disc, blocks, active, step, contactCount, moved: updateShapes };
}

function startingPhase({ walls, disc, blocks }: SpaceOptions): Broadphase {
  const updateOrder = [...blocks.keys()].map((i) => i + 1);
  return broadphase({ walls, moving: [disc, ...blocks], updateOrder: [...updateOrder, 0] });
}

function arbiters({ walls, disc, blocks }: SpaceOptions): Map<number, Arbiter> {
  const all = [disc, ...walls].flatMap((a) => blocks.map((b) => arbiter(a, b)));
  return new Map(all.map((pair) => [pairKey(pair.a, pair.b), pair]));
}

function pairKey(a: Shape, b: Shape): number {
  return a.id * 1024 + b.id;
}

function collide({ a, b }: Arbiter, out: Manifold): void {
  if (a.kind === "disc") discPolygon(a, b, out);
  else wallPolygon(a, b, out);
}

function solveAll(active: readonly Arbiter[], stepSeconds: number, warmth: number): void {
  const coefficient = biasCoefficient(stepSeconds);
  for (const pair of active) prepare(pair, coefficient, stepSeconds);
  for (const pair of active) warmStart(pair, warmth);
  for (let i = 0; i < iterations; i++) for (const pair of active) solve(pair);
}
