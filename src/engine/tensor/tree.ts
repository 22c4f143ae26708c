/** What tensors, arrays and specs have in common, and branches do not. */
export interface Shaped {
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** The arrangement of T with other leaves; a leaf is whatever has a shape and a dtype. */
export type Mapped<T, To> = T extends Shaped ? To : { readonly [K in keyof T]: Mapped<T[K], To> };

/** The same for a list of arguments. */
export type MappedList<List extends readonly unknown[], To> = {
  readonly [I in keyof List]: Mapped<List[I], To>;
};

function isLeaf(value: object): value is Shaped {
  return (
    Array.isArray((value as Partial<Shaped>).shape) && typeof (value as Partial<Shaped>).dtype === "string"
  );
}

/**
 * Applies `fn` to every leaf of a tree of objects and lists; names and order stay, and so do numbers, strings, booleans,
 * null and undefined. `path` joins the names with dots.
 */
export function mapTree<Leaf extends Shaped, To, T>(
  tree: T,
  fn: (leaf: Leaf, path: string) => To,
  path = "",
): Mapped<T, To> {
  if (typeof tree !== "object" || tree === null) return tree as Mapped<T, To>;
  if (isLeaf(tree)) return fn(tree as Shaped as Leaf, path) as Mapped<T, To>;
  const at = (name: string | number) => (path === "" ? `${name}` : `${path}.${name}`);
  const mapped = Array.isArray(tree)
    ? tree.map((child, i) => mapTree(child, fn, at(i)))
    : Object.fromEntries(Object.entries(tree).map(([name, child]) => [name, mapTree(child, fn, at(name))]));
  return mapped as Mapped<T, To>;
}

/** The leaves by path, "block.0.weight", in order. */
export function namedLeaves<Leaf extends Shaped>(tree: unknown): Map<string, Leaf> {
  const found = new Map<string, Leaf>();
  mapTree(tree, (leaf: Leaf, path) => {
    found.set(path, leaf);
  });
  return found;
}

/** The leaves in order. */
export function leaves<Leaf extends Shaped>(tree: unknown): Leaf[] {
  return [...namedLeaves<Leaf>(tree).values()];
}

/** `tree` with its leaves replaced, in order. */
export function withLeaves<T, To>(tree: T, replacements: readonly To[]): Mapped<T, To> {
  let next = 0;
  return mapTree(tree, () => replacements[next++]!);
}
