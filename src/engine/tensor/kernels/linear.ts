import { sizeOf } from "../../array/nd-array.ts";
import type { Window } from "../primitives.ts";
import { stridesOf } from "../shape.ts";
import { type Kernel, walk } from "./kernel.ts";

const matmul: Kernel<"matmul"> = ([a, b], { transposeA, transposeB }, { shape }) => {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const inner = a!.shape.at(transposeA ? -2 : -1)!;
  const [aRow, aInner] = transposeA ? [1, rows] : [inner, 1];
  const [bInner, bColumn] = transposeB ? [1, inner] : [columns, 1];
  const out = new Float64Array(sizeOf(shape));
  out.forEach((_, i) => {
    const column = i % columns;
    const row = Math.floor(i / columns) % rows;
    const batch = Math.floor(i / (rows * columns));
    const aStart = batch * rows * inner + row * aRow;
    const bStart = batch * inner * columns + column * bColumn;
    let total = 0;
    for (let k = 0; k < inner; k++) total += a!.data[aStart + k * aInner]! * b!.data[bStart + k * bInner]!;
    out[i] = total;
  });
  return out;
};

interface Sizes {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly y: readonly number[];
}

/**
 * Calls `visit` with the offsets of every product of a convolution:
 * y[n, p, o] += x[n, p * stride + k * dilation - padding, group of o, c] * w[o, k, c].
 */
function eachProduct(
  { x, w, y }: Sizes,
  window: Window,
  visit: (x: number, w: number, y: number) => void,
): void {
  const kernel = w.slice(1, -1);
  const taps = coordinates(kernel);
  const places = coordinates(y.slice(1, -1));
  const xStrides = stridesOf(x);
  const channels = w.at(-1)!;
  const outputs = y.at(-1)!;
  const perGroup = outputs / window.groups;
  for (let n = 0; n < y[0]!; n++) {
    places.forEach((place, p) => {
      taps.forEach((tap, k) => {
        const offset = sourceOffset({ place, tap, window, x, xStrides });
        if (offset === undefined) return;
        for (let o = 0; o < outputs; o++) {
          const xBase = n * xStrides[0]! + offset + Math.floor(o / perGroup) * channels;
          const wBase = (o * taps.length + k) * channels;
          const yAt = (n * places.length + p) * outputs + o;
          for (let c = 0; c < channels; c++) visit(xBase + c, wBase + c, yAt);
        }
      });
    });
  }
}

/** Where in x (within one sample) the tap falls, or undefined when it falls on the padding. */
function sourceOffset(at: {
  place: readonly number[];
  tap: readonly number[];
  window: Window;
  x: readonly number[];
  xStrides: readonly number[];
}): number | undefined {
  const { stride, dilation, padding } = at.window;
  let offset = 0;
  for (let axis = 0; axis < at.place.length; axis++) {
    const position = at.place[axis]! * stride[axis]! + at.tap[axis]! * dilation[axis]! - padding[axis]![0];
    if (position < 0 || position >= at.x[axis + 1]!) return undefined;
    offset += position * at.xStrides[axis + 1]!;
  }
  return offset;
}

function coordinates(shape: readonly number[]): number[][] {
  const strides = stridesOf(shape);
  return Array.from(walk(shape, strides), (i) =>
    shape.map((length, axis) => Math.floor(i / strides[axis]!) % length),
  );
}

const conv: Kernel<"conv"> = ([x, w], window, { shape }) => {
  const y = new Float64Array(sizeOf(shape));
  eachProduct({ x: x!.shape, w: w!.shape, y: shape }, window, (i, j, k) => {
    y[k] = y[k]! + x!.data[i]! * w!.data[j]!;
  });
  return y;
};

const convTranspose: Kernel<"convTranspose"> = ([g, w], window, { shape }) => {
  const x = new Float64Array(sizeOf(shape));
  eachProduct({ x: shape, w: w!.shape, y: g!.shape }, window, (i, j, k) => {
    x[i] = x[i]! + g!.data[k]! * w!.data[j]!;
  });
  return x;
};

const convWeight: Kernel<"convWeight"> = ([x, g], window, { shape }) => {
  const w = new Float64Array(sizeOf(shape));
  eachProduct({ x: x!.shape, w: shape, y: g!.shape }, window, (i, j, k) => {
    w[j] = w[j]! + x!.data[i]! * g!.data[k]!;
  });
  return w;
};

export const linearKernels = { matmul, conv, convTranspose, convWeight };
