import { ndarray } from "../../array/index.ts";
import { concat, constant, filled, pad, reshape, type Tensor, take, transpose } from "../../tensor/index.ts";
import { columnProduct, requestIndices } from "./columns.ts";
import { type Geometry, geometryOf, type IndexCache, indices, places } from "./geometry.ts";

/**
 * The adjoint of a convolution in its input. An input position p is seen by the taps k with
 * p + padding = stride q + dilation k for a whole q: positions fall into phases, prod(stride) of them, and those of
 * one phase share their taps. Each phase is one product; a last gather puts the rows in order.
 */
export function inputGradient(
  y: Tensor<"convTranspose">,
  [g, w]: readonly [Tensor, Tensor],
  cache: IndexCache,
): Tensor {
  const geometry = geometryOf({ x: y.shape, w: w.shape, y: g.shape }, y.attributes);
  const parts = phases(geometry);
  const byTap = transpose(reshape(w, [w.shape[0]!, -1, w.shape.at(-1)!]), [1, 0, 2]);
  const products = parts
    .filter(({ taps }) => taps.length > 0)
    .map((phase) => phaseProduct(phase, { g, byTap, geometry, cache }));
  if (products.length === 0) return filled(y.shape, 0, y.dtype);
  const stacked = products.length === 1 ? products[0]! : concat(products, 0);
  return reshape(parts.length === 1 ? stacked : inOrder(stacked, { parts, geometry, cache }), y.shape);
}

interface Phase {
  readonly places: readonly (readonly number[])[];
  readonly taps: readonly (readonly number[])[];
}

function phases({ input, kernel, window }: Geometry): Phase[] {
  const { stride, dilation, padding } = window;
  const phaseOf = (offsets: readonly number[]) =>
    offsets.map((offset, axis) => offset % stride[axis]!).join();
  const tapsBy = groupBy(places(kernel), (tap) => phaseOf(tap.map((k, axis) => k * dilation[axis]!)));
  const placesBy = groupBy(places(input), (place) => phaseOf(place.map((p, axis) => p + padding[axis]![0])));
  return [...placesBy].map(([phase, own]) => ({ places: own, taps: tapsBy.get(phase) ?? [] }));
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

interface Surroundings {
  readonly g: Tensor;
  /** w as [taps, outputs, channels] */
  readonly byTap: Tensor;
  readonly geometry: Geometry;
  readonly cache: IndexCache;
}

/** [batch * places of the phase, channels] */
function phaseProduct({ places: own, taps }: Phase, { g, byTap, geometry, cache }: Surroundings): Tensor {
  const { batch, output, kernel, window } = geometry;
  const index = requestIndices(cache, `input ${JSON.stringify([geometry, taps[0]])}`, {
    batch,
    lengths: output,
    places: own,
    taps,
    source: (place, tap) =>
      place.map(
        (p, axis) =>
          (p + window.padding[axis]![0] - tap[axis]! * window.dilation[axis]!) / window.stride[axis]!,
      ),
  });
  const numbers = taps.map((tap) => tap.reduce((number, k, axis) => number * kernel[axis]! + k, 0));
  const all = numbers.length === byTap.shape[0];
  const chosen = all
    ? byTap
    : take(byTap, constant(ndarray(Int32Array.from(numbers), [numbers.length], "int32")));
  return columnProduct(g, index, { w: reshape(chosen, [-1, byTap.shape[2]!]), transposeB: false });
}

/** Rows sorted by phase, then sample, then place, put into the order of the input; a phase without taps is zero. */
function inOrder(
  stacked: Tensor,
  { parts, geometry, cache }: { parts: readonly Phase[]; geometry: Geometry; cache: IndexCache },
): Tensor {
  const { batch, input } = geometry;
  const size = input.reduce((a, b) => a * b, 1);
  const empty = parts.some(({ taps }) => taps.length === 0);
  const order = indices(cache, `order ${JSON.stringify(geometry)}`, () => {
    const data = new Int32Array(batch * size).fill(stacked.shape[0]!);
    let next = 0;
    for (const { places: own, taps } of parts) {
      if (taps.length === 0) continue;
      const targets = own.map((place) => place.reduce((row, p, axis) => row * input[axis]! + p, 0));
      for (let n = 0; n < batch; n++) for (const target of targets) data[n * size + target] = next++;
    }
    return { data, width: 1 };
  });
  const source = empty
    ? pad(stacked, [
        [0, 1],
        [0, 0],
      ])
    : stacked;
  return take(source, reshape(order, [-1]));
}
