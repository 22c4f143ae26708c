import { contains, overlaps } from "./box.ts";
import type { Disc, Polygon, Wall } from "./shapes.ts";
import { addPair, dropPairs, insert, leaf, type Node, remove, type Tree } from "./tree.ts";

export type Shape = Disc | Polygon | Wall;
export type Emit = (a: Shape, b: Shape) => void;

/**
 * Which shapes may touch, in Chipmunk's order: a dynamic tree of fat boxes for what moves, exact boxes for walls,
 * and pairs that are kept until a shape leaves its fat box.
 */
export interface Broadphase {
  readonly moving: Tree;
  /** In the order in which the static tree is walked. */
  readonly walls: readonly Node[];
  /** In the order in which they are updated. */
  readonly leaves: readonly Node[];
  stamp: number;
}

/** Fat boxes reach this part of a shape's size beyond it, and as many seconds of its motion; float32 in Chipmunk. */
const growth = Math.fround(0.1);

export interface BroadphaseOptions {
  /** In the order of insertion, before all that moves. */
  readonly walls: readonly Wall[];
  readonly moving: readonly (Disc | Polygon)[];
  /** Indices into `moving`: the order in which shapes are updated. */
  readonly updateOrder: readonly number[];
}

/** Walls are walked last inserted first. */
export function broadphase({ walls, moving, updateOrder }: BroadphaseOptions): Broadphase {
  const wallLeaves = walls.map((wall, i) => Object.assign(leaf(wall), { stamp: i }));
  const leaves = moving.map(leaf);
  const result: Broadphase = {
    moving: { root: null, spare: [] },
    walls: wallLeaves.reverse(),
    leaves: updateOrder.map((i) => leaves[i]!),
    stamp: walls.length,
  };
  for (const node of leaves) {
    fatten(node);
    insert(result.moving, node);
    node.stamp = result.stamp;
    mark(result, node, ignore);
    result.stamp++;
  }
  return result;
}

const ignore: Emit = () => {};

/** Calls `emit` for every pair of shapes that may touch now. Boxes of shapes are those of the current poses. */
export function forEachPair(broadphase: Broadphase, emit: Emit): void {
  for (const node of broadphase.leaves) update(broadphase, node);
  visit(broadphase, broadphase.moving.root!, emit);
  broadphase.stamp++;
}

/** Puts a shape that left its fat box into a new one. */
function update({ moving, stamp }: Broadphase, node: Node): void {
  if (contains(node.box, node.shape!.box)) return;
  fatten(node);
  remove(moving, node);
  insert(moving, node);
  dropPairs(node);
  node.stamp = stamp;
}

function fatten({ box, shape }: Node): void {
  const tight = shape!.box;
  const { vx, vy } = shape!.body;
  const width = (tight[2]! - tight[0]!) * growth;
  const height = (tight[3]! - tight[1]!) * growth;
  const dx = vx * growth;
  const dy = vy * growth;
  box[0] = tight[0]! + Math.min(-width, dx);
  box[1] = tight[1]! + Math.min(-height, dy);
  box[2] = tight[2]! + Math.max(width, dx);
  box[3] = tight[3]! + Math.max(height, dy);
}

function visit(broadphase: Broadphase, node: Node, emit: Emit): void {
  if (node.a === null) {
    mark(broadphase, node, emit);
    return;
  }
  visit(broadphase, node.a, emit);
  visit(broadphase, node.b!, emit);
}

/** Pairs of one leaf: found anew if it was inserted in this step, else those in which it is the second. */
function mark(broadphase: Broadphase, node: Node, emit: Emit): void {
  if (node.stamp !== broadphase.stamp) {
    for (let i = node.pairs.length - 1; i >= 0; i--) {
      const { first, second } = node.pairs[i]!;
      if (second === node) emit(first.shape!, node.shape!);
    }
    return;
  }
  for (const wall of broadphase.walls) pairBefore(wall, node, emit);
  for (let below = node; below.parent !== null; below = below.parent) {
    if (below === below.parent.a) pairAfter(below.parent.b!, node);
    else pairBefore(below.parent.a!, node, emit);
  }
}

/** Pairs with the leaves under `other`, which come before `node` in the walk: reported now. */
function pairBefore(other: Node, node: Node, emit: Emit): void {
  if (!overlaps(node.box, other.box)) return;
  if (other.a === null) {
    if (other.stamp < node.stamp) addPair(other, node);
    emit(node.shape!, other.shape!);
    return;
  }
  pairBefore(other.a, node, emit);
  pairBefore(other.b!, node, emit);
}

/** Pairs with the leaves under `other`, which come after `node` in the walk and report them. */
function pairAfter(other: Node, node: Node): void {
  if (!overlaps(node.box, other.box)) return;
  if (other.a === null) {
    addPair(node, other);
    return;
  }
  pairAfter(other.a, node);
  pairAfter(other.b!, node);
}
