import { sizeOf } from "../array/nd-array.ts";
import { ancestors } from "./gradient.ts";
import { is, type Tensor } from "./tensor.ts";

/** Floating-point operations of the matrix products and convolutions behind the outputs, a multiply-add counted as two. */
export function flopsOf(outputs: readonly Tensor[]): number {
  return ancestors(outputs).reduce((total, tensor) => total + 2 * productsOf(tensor), 0);
}

function productsOf(y: Tensor): number {
  const [a, b] = y.inputs as [Tensor, Tensor];
  if (is("matmul", y)) return y.size * a.shape.at(y.attributes.transposeA ? -2 : -1)!;
  if (is("conv", y)) return y.size * sizeOf(b.shape.slice(1));
  if (is("convTranspose", y)) return a.size * sizeOf(b.shape.slice(1));
  if (is("convWeight", y)) return b.size * sizeOf(y.shape.slice(1));
  return 0;
}
