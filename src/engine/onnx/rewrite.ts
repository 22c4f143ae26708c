import { ancestors, is, mishGate, mul, node, type Tensor } from "../tensor/index.ts";
import type { IndexCache } from "./convolution/geometry.ts";
import { isConvolution, rewriteConvolution } from "./convolution/rewrite.ts";

/**
 * The graph in primitives that have an ONNX operation: convolutions become gathers and products, Mish its formula.
 * What was opaque to gradients is so no more. Shared expressions stay shared, also with the gradients. Returns what each tensor became.
 */
export function rewriteGraph(outputs: readonly Tensor[]): Map<Tensor, Tensor> {
  const cache: IndexCache = new Map();
  const became = new Map<Tensor, Tensor>();
  for (const tensor of ancestors(outputs)) {
    const inputs = tensor.inputs.map((x) => became.get(x)!);
    became.set(tensor, rewritten(tensor, inputs, cache));
  }
  return became;
}

function rewritten(y: Tensor, inputs: readonly Tensor[], cache: IndexCache): Tensor {
  if (isConvolution(y)) return rewriteConvolution(y, inputs, cache);
  if (is("opaque", y)) return inputs[0]!;
  if (is("mish", y)) return mul(inputs[0]!, mishGate(inputs[0]!));
  return inputs.every((x, i) => x === y.inputs[i]) ? y : node(y.op, inputs, y.attributes, y);
}
