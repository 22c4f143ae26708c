import { sizeOf } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import { type Mapped, mapTree, type Shaped } from "../engine/tensor/tree.ts";
import { check, index } from "./check.ts";
import type { Range } from "./optimizer.ts";

/** Where one tensor lies in a plane. Offsets and lengths count elements, not bytes. */
export interface Entry extends Shaped {
  readonly path: string;
  readonly dtype: "float32";
  readonly offset: number;
  readonly length: number;
  /** In the dense first part, which crosses to a session as one array. */
  readonly small: boolean;
  readonly decay: boolean;
}

/** A stretch of a plane whose tensors all have weight decay or all have none. */
export interface Stretch extends Range {
  readonly decay: boolean;
}

/**
 * One flat vector for a tree of tensors: [small, no decay | small, decay | large, no decay | large, decay]. Small
 * tensors follow each other without gaps; every large one starts at a multiple of 16 elements (64 bytes).
 */
export interface Layout<T = unknown> {
  /** The tensors in the order they lie. */
  readonly entries: readonly Entry[];
  /** The same entries in the arrangement of the tree. */
  readonly tree: Mapped<T, Entry>;
  /** At most four, in order; together they hold every tensor once. */
  readonly stretches: readonly Stretch[];
  /** Elements of a plane, gaps included: a multiple of 16. */
  readonly size: number;
  /** Elements of the dense first part. */
  readonly smallLength: number;
}

export interface LayoutOptions {
  /** Tensors with fewer elements are small; default 2048. 0 makes every tensor large. */
  readonly smallBelow?: number;
  /** Which tensors weight decay applies to; default: those of rank 2 and more, so not biases and scales. */
  readonly decay?: (tensor: { readonly path: string; readonly shape: readonly number[] }) => boolean;
}

const alignment = 16;
const aligned = (offset: number) => Math.ceil(offset / alignment) * alignment;

/** Throws "option" for tensors that are not float32 and for two tensors of one path. */
export function layout<T>(tree: T, options: LayoutOptions = {}): Layout<T> {
  const { smallBelow = 2048, decay = ({ shape }) => shape.length >= 2 } = options;
  check("layout", index, { smallBelow });
  const order = (entry: Entry) => (entry.small ? 0 : 2) + (entry.decay ? 1 : 0);
  const sorted = describe(tree, { smallBelow, decay }).sort((a, b) => order(a) - order(b));
  const entries = place(sorted);
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const smallLength = sum(entries.filter((entry) => entry.small));
  return {
    entries,
    tree: mapTree(tree, (_leaf: Shaped, path) => byPath.get(path)!),
    stretches: [0, 1, 2, 3].flatMap((group) => stretch(entries.filter((entry) => order(entry) === group))),
    size: aligned(end(entries.at(-1))),
    smallLength,
  };
}

/** The tensors in the order of the tree, not yet placed. */
function describe(tree: unknown, options: Required<LayoutOptions>): Entry[] {
  const found = new Map<string, Entry>();
  mapTree(tree, ({ shape, dtype }: Shaped, path) => {
    if (dtype !== "float32" || found.has(path)) {
      throw new AdvectError("option", "layout", {
        expected: `float32 tensors of different paths`,
        got: found.has(path) ? `two of path ${path}` : `${path} of ${dtype}`,
        fix: "Rename the parameter, or convert it with asType.",
      });
    }
    const length = sizeOf(shape);
    const small = length < options.smallBelow;
    const decay = options.decay({ path, shape });
    found.set(path, { path, shape: [...shape], dtype, offset: 0, length, small, decay });
  });
  return [...found.values()];
}

function place(entries: readonly Entry[]): Entry[] {
  let next = 0;
  return entries.map((entry) => {
    const offset = entry.small ? next : aligned(next);
    next = offset + entry.length;
    return { ...entry, offset };
  });
}

function stretch(group: readonly Entry[]): Stretch[] {
  const first = group[0];
  if (first === undefined) return [];
  return [{ start: first.offset, end: end(group.at(-1)), decay: first.decay }];
}

const end = (entry: Entry | undefined) => (entry ? entry.offset + entry.length : 0);
const sum = (entries: readonly Entry[]) => entries.reduce((total, { length }) => total + length, 0);
