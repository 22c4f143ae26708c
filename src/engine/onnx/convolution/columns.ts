import { type NdArray, ndarray } from "../../array/index.ts";
import { concat, constant, matmul, pad, reshape, type Tensor, take } from "../../tensor/index.ts";
import { type IndexCache, indices, type RowRequest, rows } from "./geometry.ts";

/** Column matrices up to this size stay in the cache between the gather that writes and the product that reads them. */
const cachedBytes = 5 << 20;
/** Below this size, one gather and one product are faster than several. */
const wholeBytes = 16 << 20;

/** x [batch, ...spatial, channels] as rows, one a position, with a last row of zeros for what lies outside. */
export function rowsWithZero(x: Tensor): Tensor {
  const channels = x.shape.at(-1)!;
  const flat = reshape(x, [-1, channels]);
  return pad(flat, [
    [0, 1],
    [0, 0],
  ]);
}

/** The column matrix [places, taps * channels]: for every place, the rows that its taps see, side by side. */
export function columns(x: Tensor, index: Tensor): Tensor {
  const gathered = take(rowsWithZero(x), index);
  return reshape(gathered, [index.shape[0]!, -1]);
}

export function requestIndices(cache: IndexCache, key: string, request: RowRequest): Tensor {
  return indices(cache, key, () => ({ data: rows(request), width: request.taps.length }));
}

/** Whether the column matrix is small enough to be made whole, and so can be shared with a gradient. */
export function fitsWhole(index: Tensor, channels: number): boolean {
  return columnBytes(index, channels) <= wholeBytes;
}

const columnBytes = (index: Tensor, channels: number) => 4 * index.size * channels;

/** Rows start to stop of the index literal, as a literal: cutting it in the graph would cost time in every run. */
function part(index: Tensor, start: number, stop: number): Tensor {
  const { data } = (index as Tensor<"constant">).attributes.value as NdArray<"int32">;
  const taps = index.shape[1]!;
  return constant(ndarray(data.subarray(start * taps, stop * taps), [stop - start, taps], "int32"));
}

/** columns(x, index) times w, in as many pieces as keep the column matrix in the cache. */
export function columnProduct(
  x: Tensor,
  index: Tensor,
  { w, transposeB }: { w: Tensor; transposeB: boolean },
): Tensor {
  const channels = x.shape.at(-1)!;
  const count = index.shape[0]!;
  if (fitsWhole(index, channels)) return matmul(columns(x, index), w, { transposeB });
  const pieces = 2 ** Math.ceil(Math.log2(columnBytes(index, channels) / cachedBytes));
  const bounds = Array.from({ length: pieces + 1 }, (_, i) => Math.round((i * count) / pieces));
  const products = bounds.slice(1).map((stop, i) => {
    return matmul(columns(x, part(index, bounds[i]!, stop)), w, { transposeB });
  });
  return concat(products, 0);
}
