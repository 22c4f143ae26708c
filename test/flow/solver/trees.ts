/** A rooted tree: the trees that hang from its root [butcher1963]. */
export type Tree = readonly Tree[];

/** All rooted trees with `size` vertices, each once. */
export function trees(size: number): Tree[] {
  return forests(size - 1, size - 1);
}

/** Multisets of trees with `total` vertices together, none larger than `largest`, in one order each. */
function forests(total: number, largest: number, last = Number.POSITIVE_INFINITY): Tree[] {
  if (total === 0) return [[]];
  const found: Tree[] = [];
  for (let size = Math.min(total, largest); size >= 1; size--) {
    trees(size).forEach((tree, i) => {
      const limit = size === largest ? last : Number.POSITIVE_INFINITY;
      if (i > limit) return;
      for (const rest of forests(total - size, size, i)) found.push([tree, ...rest]);
    });
  }
  return found;
}

export const size = (tree: Tree): number => tree.reduce((total, child) => total + size(child), 1);

/** The product of the sizes of all subtrees: b . weights = 1 / density is the tree's order condition. */
export const density = (tree: Tree): number =>
  tree.reduce((product, child) => product * density(child), size(tree));

/** For every stage i, the product over children of sum_j a_ij weights_j(child). */
export function weights(tree: Tree, a: readonly (readonly number[])[]): number[] {
  const children = tree.map((child) => weights(child, a));
  return a.map((row) =>
    children.reduce((product, child) => product * row.reduce((sum, w, j) => sum + w * child[j]!, 0), 1),
  );
}
