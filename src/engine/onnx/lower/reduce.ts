import { sizeOf } from "../../array/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import type { Emitter, Ref } from "../emitter.ts";
import { elementCodes } from "../model.ts";
import type { Lowering } from "./lowering.ts";

const keep = { keepdims: { int: 1 } };

/** Sums over all axes but the last are done in two steps, which ONNX Runtime computes several times faster than in one. */
const sum: Lowering<"sum"> = (e, y, x) => {
  const { axes } = y.attributes;
  const rank = y.rank;
  const leading =
    axes.length === rank - 1 && axes.every((axis, i) => axis === i) && y.inputs[0]!.shape[0]! > 1;
  if (!leading || rank < 3) return e.node("ReduceSum", [x, e.ints(axes)], keep);
  return e.node("ReduceSum", [e.node("ReduceSum", [x, e.ints(axes.slice(1))], keep), e.ints([0])], keep);
};

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
 * (x - mean) rstd, and rstd. Trailing axes in float32 are one LayerNormalization, which computes both;
 * otherwise the mean is subtracted before squaring, so that a large mean costs no digits.
 */
function moments(e: Emitter, y: Tensor<"normalize"> | Tensor<"rstd">, x: Ref): Moments {
  const source = y.inputs[0]!;
  const { axes, epsilon } = y.attributes;
  const trailing = axes.every((axis, i) => axis === source.rank - axes.length + i);
  if (trailing && y.dtype === "float32") {
    const shape = axes.map((axis) => source.shape[axis]!);
    const ones = e.literal({ shape, dtype: "float32", data: new Float32Array(sizeOf(shape)).fill(1) });
    const [normalized, , rstd] = e.nodes({
      op: "LayerNormalization",
      inputs: [x, ones],
      attributes: { axis: { int: axes[0]! }, epsilon: { float: epsilon } },
      outputs: 3,
    });
    return { normalized: normalized!, rstd: rstd! };
  }
  const mean = (of: Ref) => e.node("ReduceMean", [of, e.ints(axes)], keep);
  const centred = e.node("Sub", [x, mean(x)]);
  const variance = mean(e.node("Mul", [centred, centred]));
  const rstd = e.node("Reciprocal", [
    e.node("Sqrt", [e.node("Add", [variance, e.scalar(epsilon, y.dtype)])]),
  ]);
  return { normalized: e.node("Mul", [centred, rstd]), rstd };
}

const normalize: Lowering<"normalize"> = (e, y, x) => moments(e, y, x).normalized;
const rstd: Lowering<"rstd"> = (e, y, x) => moments(e, y, x).rstd;

export const reduceLowerings = { sum, reduceMax, argMax, softmax, cumsum, normalize, rstd };
