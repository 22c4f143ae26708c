import type { Box } from "./shapes.ts";

/** Whether the boxes touch or overlap. */
export function overlaps(a: Box, b: Box): boolean {
  return a[0]! <= b[2]! && b[0]! <= a[2]! && a[1]! <= b[3]! && b[1]! <= a[3]!;
}

export function contains(outer: Box, inner: Box): boolean {
  return outer[0]! <= inner[0]! && outer[2]! >= inner[2]! && outer[1]! <= inner[1]! && outer[3]! >= inner[3]!;
}

export function area(box: Box): number {
  return (box[2]! - box[0]!) * (box[3]! - box[1]!);
}

/** The area of the smallest box around both. */
export function mergedArea(a: Box, b: Box): number {
  const width = Math.max(a[2]!, b[2]!) - Math.min(a[0]!, b[0]!);
  return width * (Math.max(a[3]!, b[3]!) - Math.min(a[1]!, b[1]!));
}

/** How far apart the centres are, twice, in the 1-norm. */
export function proximity(a: Box, b: Box): number {
  return Math.abs(a[0]! + a[2]! - b[0]! - b[2]!) + Math.abs(a[1]! + a[3]! - b[1]! - b[3]!);
}

/** Writes the smallest box around a and b into `out`, which may be one of them. */
export function merge(out: Box, { a, b }: { readonly a: Box; readonly b: Box }): void {
  out[0] = Math.min(a[0]!, b[0]!);
  out[1] = Math.min(a[1]!, b[1]!);
  out[2] = Math.max(a[2]!, b[2]!);
  out[3] = Math.max(a[3]!, b[3]!);
}
