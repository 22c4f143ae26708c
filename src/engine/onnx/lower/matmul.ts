import { is, isFloat, type Tensor, uniformValue } from "../../tensor/index.ts";
import type { Emitter, Ref } from "../emitter.ts";
import type { Lowering } from "./lowering.ts";
import { reshaped } from "./reshaped.ts";

/** Rank 2 is a Gemm, whose transposes are free; higher ranks are batched products, and so are all of whole numbers. */
export const matmul: Lowering<"matmul"> = (e, y, a, b) =>
  isGemm(y) ? gemm(e, y, [a, b]) : batched(e, y, [a, b]);

const isGemm = (y: Tensor): y is Tensor<"matmul"> => is("matmul", y) && y.rank === 2 && isFloat(y);

function gemm(e: Emitter, y: Tensor<"matmul">, inputs: readonly Ref[]): Ref {
  const { transposeA, transposeB } = y.attributes;
  return e.node("Gemm", inputs, { transA: { int: Number(transposeA) }, transB: { int: Number(transposeB) } });
}

function batched(e: Emitter, y: Tensor<"matmul">, [a, b]: readonly [Ref, Ref], alpha = 1): Ref {
  const { transposeA, transposeB } = y.attributes;
  const fused = e.options.contrib && y.dtype === "float32" && (transposeA || transposeB || alpha !== 1);
  if (fused) {
    const attributes = {
      transA: { int: Number(transposeA) },
      transB: { int: Number(transposeB) },
      alpha: { float: alpha },
    };
    return e.contrib("FusedMatMul", [a, b], attributes);
  }
  const swapped = (x: Ref) => e.node("Transpose", [x], { perm: { ints: swapLast(y.rank) } });
  return e.node("MatMul", [transposeA ? swapped(a) : a, transposeB ? swapped(b) : b]);
}

const swapLast = (rank: number) =>
  Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));

/** alpha a b in one node, when y scales a batched product that nothing else uses. */
export function scaledProduct(e: Emitter, y: Tensor<"mul">): Ref | undefined {
  const [product, scale] = y.inputs as [Tensor, Tensor];
  const alpha = uniformValue(scale);
  if (!is("matmul", product) || product.rank === 2 || alpha === undefined || scale.rank > 0) return undefined;
  if (!e.isPrivate(product) || !e.options.contrib || y.dtype !== "float32") return undefined;
  return batched(e, product, [e.ref(product.inputs[0]!), e.ref(product.inputs[1]!)], alpha);
}

/**
 * a b + c as one Gemm, when y adds to a matrix product that nothing else uses: biases, residuals and
 * accumulated gradients cost no pass of their own. The product may have been reshaped to split its rows.
 */
export function gemmWithAddend(e: Emitter, y: Tensor<"add">): Ref | undefined {
  const [left, right] = y.inputs as [Tensor, Tensor];
  return withAddend(e, y, [left, right]) ?? withAddend(e, y, [right, left]);
}

function withAddend(e: Emitter, y: Tensor, [term, addend]: readonly [Tensor, Tensor]): Ref | undefined {
  const rows = is("reshape", term) && e.isPrivate(term) ? term.inputs[0]! : term;
  const products = stackedProducts(e, rows);
  if (!products || term.size !== y.size || term.shape.at(-1) !== rows.shape[1]) return undefined;
  const c = asAddend(e, addend, rows);
  if (c === undefined || (products.length > 1 && addend.size === y.size)) return undefined;
  const results = products.map((product) => gemm(e, product, [...product.inputs.map(e.ref), c]));
  const result = results.length === 1 ? results[0]! : e.node("Concat", results, { axis: { int: 0 } });
  return term === rows ? result : reshaped(e, result, y.shape);
}

/** The matrix products that make up the rows of x, if nothing else uses them. */
function stackedProducts(e: Emitter, x: Tensor): Tensor<"matmul">[] | undefined {
  const isProduct = (part: Tensor): part is Tensor<"matmul"> => isGemm(part) && e.isPrivate(part);
  if (isProduct(x)) return [x];
  const stacked =
    is("concat", x) && x.attributes.axis === 0 && x.inputs.length <= e.options.maxJoin && e.isPrivate(x);
  return stacked && x.inputs.every(isProduct) ? (x.inputs as Tensor<"matmul">[]) : undefined;
}

/** The addend in a shape that Gemm stretches over rows and columns, or undefined. */
function asAddend(e: Emitter, addend: Tensor, product: Tensor): Ref | undefined {
  const columns = product.shape[1]!;
  if (addend.size === product.size && addend.shape.at(-1) === columns) {
    return addend.rank === 2 ? e.ref(addend) : reshaped(e, e.ref(addend), product.shape);
  }
  const isRow = addend.size === columns && addend.shape.at(-1) === columns;
  if (!isRow) return undefined;
  return addend.rank === 1 ? e.ref(addend) : reshaped(e, e.ref(addend), [columns]);
}
