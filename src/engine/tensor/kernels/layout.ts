import { sizeOf } from "../../array/nd-array.ts";
import { AdvectError } from "../../error.ts";
import { stridesOf } from "../shape.ts";
import { broadcastOffsets, type Kernel, type Numbers, pick, walk } from "./kernel.ts";

const reshape: Kernel<"reshape"> = ([x]) => x!.data;

const transpose: Kernel<"transpose"> = ([x], { permutation }, { shape }) => {
  const strides = stridesOf(x!.shape);
  return pick(
    x!,
    walk(
      shape,
      permutation.map((axis) => strides[axis]!),
    ),
  );
};

const expand: Kernel<"expand"> = ([x], _, { shape }) => pick(x!, broadcastOffsets(x!.shape, shape));

const slice: Kernel<"slice"> = ([x], { starts, steps }, { shape }) => {
  const strides = stridesOf(x!.shape);
  const origin = starts.reduce((offset, start, axis) => offset + start * strides[axis]!, 0);
  return pick(
    x!,
    walk(
      shape,
      steps.map((step, axis) => step * strides[axis]!),
      origin,
    ),
  );
};

const flip: Kernel<"flip"> = ([x], { axes }, { shape }) => {
  const strides = stridesOf(shape);
  const origin = axes.reduce((offset, axis) => offset + (shape[axis]! - 1) * strides[axis]!, 0);
  return pick(
    x!,
    walk(
      shape,
      strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride)),
      origin,
    ),
  );
};

const pad: Kernel<"pad"> = ([x], { before, interior }, { shape }) => {
  const strides = stridesOf(shape);
  const origin = before.reduce((offset, count, axis) => offset + count * strides[axis]!, 0);
  const places = walk(
    x!.shape,
    strides.map((stride, axis) => stride * (interior[axis]! + 1)),
    origin,
  );
  return scatter(sizeOf(shape), places, x!.data);
};

const concat: Kernel<"concat"> = (inputs, { axis }, { shape }) => {
  const strides = stridesOf(shape);
  const out = new Float64Array(sizeOf(shape));
  let start = 0;
  for (const x of inputs) {
    walk(x.shape, strides, start * strides[axis]!).forEach((to, i) => {
      out[to] = x.data[i]!;
    });
    start += x.shape[axis]!;
  }
  return out;
};

/** Offsets in x of every element of gather(x, indices, axis). Throws "option" for an index outside of x. */
function gatherOffsets(xShape: readonly number[], indices: Numbers, axis: number): Int32Array {
  const length = xShape[axis]!;
  checkIndices(indices.data, length);
  const block = stridesOf(xShape)[axis]!;
  const outer = xShape.slice(0, axis).reduce((a, b) => a * b, 1);
  const offsets = new Int32Array(outer * indices.data.length * block);
  let next = 0;
  for (let o = 0; o < outer; o++) {
    for (const index of indices.data) {
      const start = (o * length + index) * block;
      for (let i = 0; i < block; i++) offsets[next++] = start + i;
    }
  }
  return offsets;
}

function checkIndices(indices: Float64Array, length: number): void {
  const outside = indices.find((index) => index < 0 || index >= length);
  if (outside === undefined) return;
  throw new AdvectError("option", "take", { expected: `indices in [0, ${length})`, got: outside });
}

const gather: Kernel<"gather"> = ([x, indices], { axis }) =>
  pick(x!, gatherOffsets(x!.shape, indices!, axis));

const scatterAdd: Kernel<"scatterAdd"> = ([indices, updates], { axis }, { shape }) =>
  scatter(sizeOf(shape), gatherOffsets(shape, indices!, axis), updates!.data);

function scatter(size: number, places: Int32Array, values: Float64Array): Float64Array {
  const out = new Float64Array(size);
  places.forEach((place, i) => {
    out[place] = out[place]! + values[i]!;
  });
  return out;
}

export const layoutKernels = { reshape, transpose, expand, slice, flip, pad, concat, gather, scatterAdd };
