import { zeros } from "../../array/index.ts";
import { is, type Tensor, uniformValue } from "../../tensor/index.ts";
import type { Emitter, Ref } from "../emitter.ts";
import type { Lowering } from "./lowering.ts";
import { dropsAxes, sumOf } from "./reduce.ts";
import { reshaped } from "./reshaped.ts";

const reshape: Lowering<"reshape"> = (e, y, x) => droppedSum(e, y) ?? reshaped(e, x, y.shape);

/** A sum whose kept axes are dropped at once. */
function droppedSum(e: Emitter, y: Tensor<"reshape">): Ref | undefined {
  const total = y.inputs[0]!;
  if (!is("sum", total) || !e.isPrivate(total)) return undefined;
  return dropsAxes(y, total) ? sumOf(e, total, 0) : undefined;
}

const transpose: Lowering<"transpose"> = (e, y, x) =>
  e.node("Transpose", [x], { perm: { ints: y.attributes.permutation } });

/** Stretching a single value to many is a literal where the value is known. */
const expand: Lowering<"expand"> = (e, y, x) => {
  const value = uniformValue(y.inputs[0]!);
  if (value === 0 && y.dtype !== "bool" && y.size <= 4096) return e.literal(zeros(y.shape, y.dtype));
  return e.node("Expand", [x, e.ints(y.shape)]);
};

const concat: Lowering<"concat"> = (e, y) => join(e, y.inputs.map(e.ref), y.attributes.axis);

/** Concat in a tree whose nodes take at most `maxJoin` inputs. */
function join(e: Emitter, parts: readonly Ref[], axis: number): Ref {
  if (parts.length === 1) return parts[0]!;
  if (parts.length <= e.options.maxJoin) return e.node("Concat", parts, { axis: { int: axis } });
  const groups: Ref[] = [];
  for (let i = 0; i < parts.length; i += e.options.maxJoin)
    groups.push(join(e, parts.slice(i, i + e.options.maxJoin), axis));
  return join(e, groups, axis);
}

/** Neighbouring slices that together cover one axis of x are the outputs of one Split. */
function splitOf(
  e: Emitter,
  y: Tensor<"slice">,
): { axis: number; lengths: number[]; index: number } | undefined {
  const axis = cutAxis(y);
  if (axis === undefined) return undefined;
  const start = (piece: Tensor<"slice">) => piece.attributes.starts[axis]!;
  const pieces = e
    .users(y.inputs[0]!)
    .filter((user): user is Tensor<"slice"> => is("slice", user) && cutAxis(user) === axis)
    .sort((a, b) => start(a) - start(b));
  const ends = pieces.map((piece) => start(piece) + piece.shape[axis]!);
  const tiles =
    pieces.every((piece, i) => start(piece) === (i === 0 ? 0 : ends[i - 1])) &&
    ends.at(-1) === y.inputs[0]!.shape[axis];
  if (!tiles || pieces.length > e.options.maxJoin) return undefined;
  return { axis, lengths: pieces.map((piece) => piece.shape[axis]!), index: pieces.indexOf(y) };
}

/** The only axis that a slice with steps of 1 shortens. */
function cutAxis({ attributes: { steps }, shape, inputs }: Tensor<"slice">): number | undefined {
  const cut = shape.flatMap((length, axis) => (length === inputs[0]!.shape[axis] ? [] : [axis]));
  return cut.length === 1 && steps.every((step) => step === 1) ? cut[0] : undefined;
}

const slice: Lowering<"slice"> = (e, y, x) => {
  const split = splitOf(e, y);
  if (split) {
    const { axis, lengths, index } = split;
    const request = {
      op: "Split",
      inputs: [x, e.ints(lengths)],
      attributes: { axis: { int: axis } },
      outputs: lengths.length,
    };
    return e.nodes(request)[index]!;
  }
  const source = y.inputs[0]!;
  const { starts, steps } = y.attributes;
  const axes = y.shape.flatMap((length, axis) => (length === source.shape[axis] ? [] : [axis]));
  const at = (list: readonly number[]) => e.ints(axes.map((axis) => list[axis]!));
  const ends = y.shape.map((length, axis) =>
    length === 0 ? starts[axis]! : starts[axis]! + (length - 1) * steps[axis]! + 1,
  );
  return e.node("Slice", [x, at(starts), at(ends), e.ints(axes), at(steps)]);
};

const flip: Lowering<"flip"> = (e, y, x) => {
  const { axes } = y.attributes;
  const every = (value: number) => e.ints(axes.map(() => value));
  return e.node("Slice", [x, every(-1), every(-(2 ** 31)), e.ints(axes), every(-1)]);
};

/** Zeros between neighbours come from padding a new axis of length 1; Pad with negative counts then cuts the last ones off. */
const pad: Lowering<"pad"> = (e, y, x) => {
  const { before, after, interior } = y.attributes;
  const zero = e.scalar(0, y.dtype);
  if (interior.every((count) => count === 0)) return e.node("Pad", [x, e.ints([...before, ...after]), zero]);
  const { shape } = y.inputs[0]!;
  const apart = reshaped(
    e,
    x,
    shape.flatMap((length) => [length, 1]),
  );
  const gaps = [...shape.flatMap(() => [0, 0]), ...interior.flatMap((count) => [0, count])];
  const spread = e.node("Pad", [apart, e.ints(gaps), zero]);
  const merged = reshaped(
    e,
    spread,
    shape.map((length, axis) => length * (interior[axis]! + 1)),
  );
  return e.node("Pad", [
    merged,
    e.ints([...before, ...after.map((count, axis) => count - interior[axis]!)]),
    zero,
  ]);
};

const gather: Lowering<"gather"> = (e, y, x, indices) =>
  e.node("Gather", [x, indices], { axis: { int: y.attributes.axis } });

/** ScatterElements adds one after the other; ScatterND loses updates of one row when it runs on several threads. */
const scatterAdd: Lowering<"scatterAdd"> = (e, y, indices, updates) => {
  const { axis } = y.attributes;
  const [places] = y.inputs as [Tensor, Tensor];
  const target = y.shape.map((length, i) => (i === axis ? places.size : length));
  const column = reshaped(
    e,
    indices,
    y.shape.map((_, i) => (i === axis ? places.size : 1)),
  );
  const zero = e.node("Expand", [e.scalar(0, y.dtype), e.ints(y.shape)]);
  const everywhere = e.node("Expand", [column, e.ints(target)]);
  return e.node("ScatterElements", [zero, everywhere, reshaped(e, updates, target)], {
    axis: { int: axis },
    reduction: { string: "add" },
  });
};

export const layoutLowerings = { reshape, transpose, expand, concat, slice, flip, pad, gather, scatterAdd };
