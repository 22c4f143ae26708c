import { ndarray } from "../../array/nd-array.ts";
import { AdvectError } from "../../error.ts";
import type { TensorDType } from "../primitives.ts";
import { checkShape, resolveAxis, sameShape } from "../shape.ts";
import { constant, node, type Tensor } from "../tensor.ts";
import { cast } from "./elementwise.ts";
import { expandDims } from "./layout.ts";
import { equal } from "./logic.ts";
import { needIndices, needNumbers } from "./operands.ts";

/**
 * The elements of x at `indices` along `axis` (default 0): axis is replaced by the shape of the indices.
 * Indices are int32 in [0, length); others are an error at run time.
 */
export function take(x: Tensor, indices: Tensor, axis = 0): Tensor {
  const along = resolveAxis("take", axis, x.shape);
  needIndices("take", indices);
  const shape = [...x.shape.slice(0, along), ...indices.shape, ...x.shape.slice(along + 1)];
  return node("gather", [x, indices], { axis: along }, { shape, dtype: x.dtype });
}

/** Zeros of the given shape, plus each update at its index along `axis`: the adjoint of take. */
export function scatterAdd(
  indices: Tensor,
  updates: Tensor,
  target: { shape: readonly number[]; axis?: number },
): Tensor {
  const axis = resolveAxis("scatterAdd", target.axis ?? 0, target.shape);
  needIndices("scatterAdd", indices);
  needNumbers("scatterAdd", updates);
  checkShape("scatterAdd", target.shape);
  const expected = [...target.shape.slice(0, axis), ...indices.shape, ...target.shape.slice(axis + 1)];
  if (!sameShape(expected, updates.shape)) {
    throw new AdvectError("shape", "scatterAdd", {
      expected: `updates of shape [${expected}]`,
      got: updates.shape,
    });
  }
  return node("scatterAdd", [indices, updates], { axis }, { shape: [...target.shape], dtype: updates.dtype });
}

/** 1 at each index and 0 elsewhere, on a new last axis of length `count`. */
export function oneHot(indices: Tensor, count: number, dtype: TensorDType = "float32"): Tensor {
  needIndices("oneHot", indices);
  checkShape("oneHot", [count]);
  return cast(equal(expandDims(indices, -1), arange(count, "int32")), dtype);
}

/** The constant 0, 1, ... count - 1. */
export function arange(count: number, dtype: TensorDType = "float32"): Tensor {
  checkShape("arange", [count]);
  return constant(
    ndarray(
      Float64Array.from({ length: count }, (_, i) => i),
      [count],
      "float64",
    ),
    dtype,
  );
}
