import { type NdArray, ndarray } from "../array/nd-array.ts";
import { AdvectError } from "../error.ts";
import { ancestors } from "./gradient.ts";
import { compute, type Numbers } from "./kernels/index.ts";
import type { TensorDType } from "./primitives.ts";
import { sameShape } from "./shape.ts";
import { input, is, type Tensor } from "./tensor.ts";
import { leaves, type Mapped, type MappedList, mapTree, withLeaves } from "./tree.ts";

/**
 * Computes a function of tensors on numbers, in float64 and at once, without a runtime: for host values, tests and
 * as the meaning of every operation. Slow and clear; compile what runs often.
 */
export function interpret<Args extends readonly unknown[], R>(
  fn: (...args: Args) => R,
  ...args: MappedList<Args, NdArray>
): Mapped<R, NdArray<"float64">> {
  const feeds = new Map<Tensor, NdArray>();
  const traced = mapTree(args, (array: NdArray, path) => {
    const tensor = input(path, { shape: array.shape, dtype: symbolic(array) });
    feeds.set(tensor, array);
    return tensor;
  });
  const result = fn(...(traced as unknown as Args));
  return withLeaves(result, interpretGraph(leaves<Tensor>(result), feeds));
}

const symbolic = (array: NdArray): TensorDType => (array.dtype === "uint8" ? "int32" : array.dtype);

/** The numbers of the outputs, given those of the inputs. Throws "option" for an input without numbers, "shape" for wrong ones. */
export function interpretGraph(
  outputs: readonly Tensor[],
  feeds: ReadonlyMap<Tensor, NdArray>,
): NdArray<"float64">[] {
  const values = new Map<Tensor, Numbers>();
  for (const tensor of ancestors(outputs)) values.set(tensor, evaluateNode(tensor, values, feeds));
  return outputs.map((tensor) => ndarray(values.get(tensor)!.data.slice(), tensor.shape, "float64"));
}

function evaluateNode(
  tensor: Tensor,
  values: ReadonlyMap<Tensor, Numbers>,
  feeds: ReadonlyMap<Tensor, NdArray>,
): Numbers {
  const { shape } = tensor;
  if (is("constant", tensor)) return { shape, data: new Float64Array(tensor.attributes.value.data) };
  if (is("input", tensor)) return { shape, data: fed(tensor, feeds.get(tensor)) };
  const inputs = tensor.inputs.map((x) => values.get(x)!);
  return { shape, data: compute(tensor.op, inputs, tensor.attributes, tensor) };
}

function fed(tensor: Tensor<"input">, array: NdArray | undefined): Float64Array {
  if (array && sameShape(array.shape, tensor.shape)) return new Float64Array(array.data);
  throw new AdvectError(array ? "shape" : "option", "interpret", {
    expected: `numbers of shape [${tensor.shape}] for input "${tensor.attributes.name}"`,
    got: array ? array.shape : "none",
  });
}
