import { sizeOf } from "../../array/index.ts";
import { sameShape, type Tensor } from "../../tensor/index.ts";
import type { Emitter, Ref } from "../emitter.ts";
import { elementCodes } from "../model.ts";
import type { Lowering } from "./lowering.ts";

const keep = { keepdims: { int: 1 } };

const sum: Lowering<"sum"> = (e, y) => sumOf(e, y, 1);

/** The sum with its axes kept (1) or dropped (0). */
export function sumOf(e: Emitter, y: Tensor<"sum">, keepdims: 0 | 1): Ref {
  const { axes } = y.attributes;
  const x = e.ref(y.inputs[0]!);
  const groups = columnGroups(y);
  if (groups === undefined) return e.node("ReduceSum", [x, e.ints(axes)], { keepdims: { int: keepdims } });
  const columns = y.shape.at(-1)!;
  const dropped = (of: Ref, axis: number) =>
    e.node("ReduceSum", [of, e.ints([axis])], { keepdims: { int: 0 } });
  const total = dropped(dropped(e.node("Reshape", [x, e.ints([groups, -1, columns])]), 1), 0);
  const shape = keepdims ? y.shape : y.shape.filter((_, axis) => !axes.includes(axis));
  return shape.length === 1 ? total : e.node("Reshape", [total, e.ints(shape)]);
}

/** Below this many numbers the extra operations cost more than they save. */
const columnSumSize = 4096;

/**
 * In how many groups to sum the rows first when y sums all of them, column by column, as the gradient of a bias does:
 * ONNX Runtime takes two to nine times as long for [rows, columns] in one step.
 */
function columnGroups({ attributes: { axes }, inputs, rank, size }: Tensor<"sum">): number | undefined {
  const { shape, size: total } = inputs[0]!;
  const byColumn = shape.every((length, axis) => length === 1 || axes.includes(axis) === axis < rank - 1);
  if (rank < 2 || axes.includes(rank - 1) || !byColumn || total < columnSumSize) return undefined;
  return [8, 4, 2].find((groups) => (total / size) % groups === 0);
}

/** Whether y is the sum without its kept axes. */
export function dropsAxes(y: Tensor, { shape, attributes: { axes } }: Tensor<"sum">): boolean {
  return sameShape(
    y.shape,
    shape.filter((_, axis) => !axes.includes(axis)),
  );
}

const reduceMax: Lowering<"reduceMax"> = (e, y, x) =>
  e.node("ReduceMax", [x, e.ints(y.attributes.axes)], keep);

const argMax: Lowering<"argMax"> = (e, y, x) => {
  const index = e.node("ArgMax", [x], { axis: { int: y.attributes.axis }, ...keep });
  return e.node("Cast", [index], { to: { int: elementCodes.int32 } });
};

const softmax: Lowering<"softmax"> = (e, _, x) => e.node("Softmax", [x], { axis: { int: -1 } });

const cumsum: Lowering<"cumsum"> = (e, { attributes: { axis, exclusive, reverse } }, x) =>
  e.node("CumSum", [x, e.scalar(axis, "int64")], {
    exclusive: { int: Number(exclusive) },
    reverse: { int: Number(reverse) },
  });

interface Moments {
  readonly normalized: Ref;
  readonly rstd: Ref;
}

/**
 * (x - mean) rstd, and rstd. In float32 they are one LayerNormalization, which wants the axes last: where they are not,
 * they are moved there and back. Otherwise the mean is subtracted before squaring, so that a large mean costs no digits.
 */
function moments(e: Emitter, y: Tensor<"normalize"> | Tensor<"rstd">, x: Ref): Moments {
  if (y.dtype !== "float32") return separateMoments(e, y, x);
  const { axes } = y.attributes;
  const { shape } = y.inputs[0]!;
  const others = shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const order = [...others, ...axes];
  if (order.every((axis, i) => axis === i)) return layerNormalization(e, y, x);
  const perm = (list: readonly number[]) => ({ perm: { ints: list } });
  const { normalized, rstd } = layerNormalization(e, y, e.node("Transpose", [x], perm(order)));
  const back = perm(order.map((_, axis) => order.indexOf(axis)));
  return { normalized: e.node("Transpose", [normalized], back), rstd: e.node("Transpose", [rstd], back) };
}

/** Over the last axes of x, as many as y normalises. */
function layerNormalization(e: Emitter, y: Tensor<"normalize"> | Tensor<"rstd">, x: Ref): Moments {
  const { axes, epsilon } = y.attributes;
  const source = y.inputs[0]!;
  const shape = axes.map((axis) => source.shape[axis]!);
  const ones = e.literal({ shape, dtype: "float32", data: new Float32Array(sizeOf(shape)).fill(1) });
  const [normalized, , rstd] = e.nodes({
    op: "LayerNormalization",
    inputs: [x, ones],
    attributes: { axis: { int: source.rank - axes.length }, epsilon: { float: epsilon } },
    outputs: 3,
  });
  return { normalized: normalized!, rstd: rstd! };
}

function separateMoments(e: Emitter, y: Tensor<"normalize"> | Tensor<"rstd">, x: Ref): Moments {
  const { axes, epsilon } = y.attributes;
  const mean = (of: Ref) => e.node("ReduceMean", [of, e.ints(axes)], keep);
  const centred = e.node("Sub", [x, mean(x)]);
  const variance = mean(e.node("Mul", [centred, centred]));
  const shifted = e.node("Add", [variance, e.scalar(epsilon, y.dtype)]);
  const rstd = e.node("Reciprocal", [e.node("Sqrt", [shifted])]);
  return { normalized: e.node("Mul", [centred, rstd]), rstd };
}

const normalize: Lowering<"normalize"> = (e, y, x) => moments(e, y, x).normalized;
const rstd: Lowering<"rstd"> = (e, y, x) => moments(e, y, x).rstd;

export const reduceLowerings = { sum, reduceMax, argMax, softmax, cumsum, normalize, rstd };
