import { AdvectError } from "../error.ts";
import { declarations, input, leaves, mapTree, type Tensor, Tensor as TensorClass } from "../tensor/index.ts";
import { random, type Signature, type Spec } from "./signature.ts";

/** A function seen as a graph. */
export interface Trace<R> {
  readonly result: R;
  /** One for each leaf of the arguments, in order, by name ("0.weight": argument 0, path weight). */
  readonly inputs: ReadonlyMap<string, Tensor<"input">>;
  /** The random inputs that the function declared. */
  readonly draws: readonly Tensor<"input">[];
  readonly outputs: readonly Tensor[];
}

/** Calls `fn` once on placeholders. Throws "option" unless the signature has one entry for each argument and the result consists of tensors. */
export function trace<Args extends readonly unknown[], R>(
  fn: (...args: Args) => R,
  signature: Signature<Args>,
): Trace<R> {
  const { draw, declared } = declarations();
  const inputs = new Map<string, Tensor<"input">>();
  const placeholder = ({ shape, dtype }: Spec, path: string): Tensor => {
    const tensor = input(path, { shape, dtype }) as Tensor<"input">;
    inputs.set(path, tensor);
    return tensor;
  };
  const args = signature.map((entry, i) => (entry === random ? draw : mapTree(entry, placeholder, `${i}`)));
  const result = fn(...(args as unknown as Args));
  const outputs = leaves<Tensor>(result);
  if (!outputs.every((output) => output instanceof TensorClass)) {
    throw new AdvectError("option", "compile", {
      expected: "a function that returns tensors",
      got: "other values",
      fix: "Wrap numbers with constant(value), and do not return NdArrays.",
    });
  }
  return { result, inputs, draws: declared, outputs };
}
