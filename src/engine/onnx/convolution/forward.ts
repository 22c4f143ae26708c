import { reshape, type Tensor } from "../../tensor/index.ts";
import { columnProduct, requestIndices } from "./columns.ts";
import { type Geometry, geometryOf, type IndexCache, places } from "./geometry.ts";

/** The rows that every output place sees, [batch * output places, taps]. */
export function forwardIndices(geometry: Geometry, cache: IndexCache): Tensor {
  const { batch, input, output, kernel, window } = geometry;
  return requestIndices(cache, `forward ${JSON.stringify(geometry)}`, {
    batch,
    lengths: input,
    places: places(output),
    taps: places(kernel),
    source: (place, tap) =>
      place.map(
        (p, axis) =>
          p * window.stride[axis]! + tap[axis]! * window.dilation[axis]! - window.padding[axis]![0],
      ),
  });
}

/** y = columns(x) wᵀ */
export function forward(y: Tensor<"conv">, [x, w]: readonly [Tensor, Tensor], cache: IndexCache): Tensor {
  const geometry = geometryOf({ x: x.shape, w: w.shape, y: y.shape }, y.attributes);
  const matrix = reshape(w, [w.shape[0]!, -1]);
  return reshape(columnProduct(x, forwardIndices(geometry, cache), { w: matrix, transposeB: true }), y.shape);
}
