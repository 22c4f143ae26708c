import { area, merge, mergedArea, proximity } from "./box.ts";
import type { Box, Disc, Polygon, Wall } from "./shapes.ts";

/** A node of the tree of boxes: a leaf has a shape, an inner node two children. */
export interface Node {
  readonly box: Box;
  parent: Node | null;
  /** Of inner nodes. */
  a: Node | null;
  b: Node | null;
  /** Of leaves. */
  readonly shape: Disc | Polygon | Wall | null;
  /** The step in which the leaf was (re)inserted. */
  stamp: number;
  /** Pairs of overlapping fat boxes that this leaf is in, oldest first. */
  readonly pairs: Pair[];
}

/** Two leaves whose fat boxes overlap; which is second decides who reports it. */
export interface Pair {
  readonly first: Node;
  readonly second: Node;
}

/** A binary tree of boxes as Chipmunk's cpBBTree grows it: its shape decides in which order contacts are solved. */
export interface Tree {
  root: Node | null;
  /** Inner nodes that are not in use. */
  readonly spare: Node[];
}

export function leaf(shape: Disc | Polygon | Wall): Node {
  return { ...blank(), shape, box: shape.box.slice() };
}

function blank(): Node {
  return { box: new Float64Array(4), parent: null, a: null, b: null, shape: null, stamp: 0, pairs: [] };
}

/** Puts the leaf where it makes the boxes grow least. */
export function insert(tree: Tree, leaf: Node): void {
  let place = tree.root;
  if (place === null) {
    tree.root = leaf;
    leaf.parent = null;
    return;
  }
  while (place.a !== null) {
    merge(place.box, { a: place.box, b: leaf.box });
    place = cheaper(place, leaf);
  }
  join(tree, { leaf, place });
}

/** The child that the leaf joins; `node.box` is not looked at. */
function cheaper({ a, b }: Node, { box }: Node): Node {
  let costA = area(b!.box) + mergedArea(a!.box, box);
  let costB = area(a!.box) + mergedArea(b!.box, box);
  if (costA === costB) {
    costA = proximity(a!.box, box);
    costB = proximity(b!.box, box);
  }
  return costB < costA ? b! : a!;
}

/** Replaces `place` by an inner node with the new leaf first and `place` second. */
function join(tree: Tree, { leaf, place }: { readonly leaf: Node; readonly place: Node }): void {
  const inner = tree.spare.pop() ?? blank();
  replace(tree, place, inner);
  inner.a = leaf;
  inner.b = place;
  leaf.parent = inner;
  place.parent = inner;
  merge(inner.box, { a: leaf.box, b: place.box });
}

/** Takes the leaf out; its sibling takes their parent's place. */
export function remove(tree: Tree, leaf: Node): void {
  const { parent } = leaf;
  if (parent === null) {
    tree.root = null;
    return;
  }
  const sibling = parent.a === leaf ? parent.b! : parent.a!;
  replace(tree, parent, sibling);
  tree.spare.push(parent);
  for (let node = sibling.parent; node !== null; node = node.parent) {
    merge(node.box, { a: node.a!.box, b: node.b!.box });
  }
}

function replace(tree: Tree, old: Node, next: Node): void {
  const { parent } = old;
  next.parent = parent;
  if (parent === null) tree.root = next;
  else if (parent.a === old) parent.a = next;
  else parent.b = next;
}

/** Adds a pair to the lists of both leaves. */
export function addPair(first: Node, second: Node): void {
  const pair = { first, second };
  first.pairs.push(pair);
  second.pairs.push(pair);
}

/** Forgets all pairs of the leaf, on both sides. */
export function dropPairs(leaf: Node): void {
  for (const pair of leaf.pairs) {
    const { pairs } = pair.first === leaf ? pair.second : pair.first;
    pairs.splice(pairs.indexOf(pair), 1);
  }
  leaf.pairs.length = 0;
}
