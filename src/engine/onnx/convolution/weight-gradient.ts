import { matmul, reshape, type Tensor, transpose } from "../../tensor/index.ts";
import { columns, fitsWhole, requestIndices } from "./columns.ts";
import { forwardIndices } from "./forward.ts";
import { type Geometry, geometryOf, type IndexCache, places } from "./geometry.ts";

/** The adjoint of a convolution in its kernel: columns(x)ᵀ g, by the cheaper of two ways to make the columns. */
export function weightGradient(
  y: Tensor<"convWeight">,
  [x, g]: readonly [Tensor, Tensor],
  cache: IndexCache,
): Tensor {
  const geometry = geometryOf({ x: x.shape, w: y.shape, y: g.shape }, y.attributes);
  const index = forwardIndices(geometry, cache);
  const splits = geometry.kernel.length === 2 && y.attributes.stride.every((step) => step === 1);
  if (splits && !fitsWhole(index, x.shape.at(-1)!)) return splitTaps(y, [x, g], { geometry, cache });
  return reshape(matmul(asRows(g), columns(x, index)), y.shape);
}

/**
 * g [..., outputs] as a matrix [outputs, places] in memory. A transposed operand would cost the product a quarter of its
 * speed; the third axis keeps ONNX Runtime from folding the transpose into the product.
 */
function asRows(g: Tensor): Tensor {
  const outputs = g.shape.at(-1)!;
  return reshape(transpose(reshape(g, [1, -1, outputs]), [2, 0, 1]), [outputs, -1]);
}

/**
 * For stride 1 the shift of a tap (i, j) splits: x moves along its columns, g against its rows.
 * dw[o, i, j, c] = sum over n, p, q of g[n, p - i, q, o] x[n, p, q + j, c] (padding and dilation left out):
 * one product of two narrow column matrices, 3 + 3 copies of a row instead of 9 for a 3 x 3 kernel.
 */
function splitTaps(
  y: Tensor<"convWeight">,
  [x, g]: readonly [Tensor, Tensor],
  { geometry, cache }: { geometry: Geometry; cache: IndexCache },
): Tensor {
  const { batch, input, output, kernel, window } = geometry;
  const [[top], [left]] = window.padding as [readonly [number, number], readonly [number, number]];
  const [down, right] = window.dilation as [number, number];
  const [outputs, channels] = [g.shape.at(-1)!, x.shape.at(-1)!];
  const along = requestIndices(cache, `along ${JSON.stringify(geometry)}`, {
    batch,
    places: places([input[0]!, output[1]!]),
    lengths: input,
    taps: places([kernel[1]!]),
    source: ([p, q], [j]) => [p!, q! + j! * right - left],
  });
  const lines = requestIndices(cache, `lines ${outputs} ${JSON.stringify(geometry)}`, {
    batch: 1,
    places: places([kernel[0]!, outputs, batch, input[0]!]),
    lengths: [outputs, batch, output[0]!],
    taps: [[]],
    source: ([i, o, n, p]) => [o!, n!, p! - i! * down + top],
  });
  const moved = columns(reshape(asRows(g), [-1, output[1]!]), lines);
  const product = matmul(reshape(moved, [kernel[0]! * outputs, -1]), columns(x, along));
  const byTap = reshape(product, [kernel[0]!, outputs, kernel[1]! * channels]);
  return reshape(transpose(byTap, [1, 0, 2]), y.shape);
}
