import { sizeOf } from "../../array/nd-array.ts";
import { keptShape, stridesOf } from "../shape.ts";
import { broadcastOffsets, type Kernel, type Numbers } from "./kernel.ts";

/** Folds the elements of `x` over `axes` into an array whose reduced axes have length 1. */
function reduce(
  x: Numbers,
  axes: readonly number[],
  start: number,
  step: (total: number, value: number) => number,
): Float64Array {
  const kept = keptShape(x.shape, axes);
  const target = broadcastOffsets(kept, x.shape);
  const out = new Float64Array(sizeOf(kept)).fill(start);
  x.data.forEach((value, i) => {
    out[target[i]!] = step(out[target[i]!]!, value);
  });
  return out;
}

const mean = (x: Numbers, axes: readonly number[]) => {
  const total = reduce(x, axes, 0, (a, b) => a + b);
  return total.map((value) => value / (x.data.length / total.length));
};

function moments(x: Numbers, { axes, epsilon }: { axes: readonly number[]; epsilon: number }) {
  const target = broadcastOffsets(keptShape(x.shape, axes), x.shape);
  const average = mean(x, axes);
  const centred = x.data.map((value, i) => value - average[target[i]!]!);
  const variance = mean({ shape: x.shape, data: centred.map((value) => value * value) }, axes);
  return { centred, target, rstd: variance.map((value) => 1 / Math.sqrt(value + epsilon)) };
}

const sum: Kernel<"sum"> = ([x], { axes }) => reduce(x!, axes, 0, (a, b) => a + b);

const reduceMax: Kernel<"reduceMax"> = ([x], { axes }) =>
  reduce(x!, axes, Number.NEGATIVE_INFINITY, Math.max);

const argMax: Kernel<"argMax"> = ([x], { axis }) => {
  const step = stridesOf(x!.shape)[axis]!;
  const length = x!.shape[axis]!;
  const kept = keptShape(x!.shape, [axis]);
  const target = broadcastOffsets(kept, x!.shape);
  const best = new Float64Array(sizeOf(kept)).fill(-1);
  const top = new Float64Array(best.length).fill(Number.NEGATIVE_INFINITY);
  x!.data.forEach((value, i) => {
    const to = target[i]!;
    if (best[to]! >= 0 && value <= top[to]!) return;
    top[to] = value;
    best[to] = Math.floor(i / step) % length;
  });
  return best;
};

const softmax: Kernel<"softmax"> = ([x]) => {
  const axes = [x!.shape.length - 1];
  const target = broadcastOffsets(keptShape(x!.shape, axes), x!.shape);
  const top = reduce(x!, axes, Number.NEGATIVE_INFINITY, Math.max);
  const weights = x!.data.map((value, i) => Math.exp(value - top[target[i]!]!));
  const total = reduce({ shape: x!.shape, data: weights }, axes, 0, (a, b) => a + b);
  return weights.map((value, i) => value / total[target[i]!]!);
};

const cumsum: Kernel<"cumsum"> = ([x], { axis, exclusive, reverse }) => {
  const step = stridesOf(x!.shape)[axis]!;
  const length = x!.shape[axis]!;
  return x!.data.map((_, i) => {
    const position = Math.floor(i / step) % length;
    const from = reverse ? position + (exclusive ? 1 : 0) : 0;
    const until = reverse ? length : position + (exclusive ? 0 : 1);
    let total = 0;
    for (let j = from; j < until; j++) total += x!.data[i + (j - position) * step]!;
    return total;
  });
};

const normalize: Kernel<"normalize"> = ([x], attributes) => {
  const { centred, target, rstd } = moments(x!, attributes);
  return centred.map((value, i) => value * rstd[target[i]!]!);
};

const rstd: Kernel<"rstd"> = ([x], attributes) => moments(x!, attributes).rstd;

export const reduceKernels = { sum, reduceMax, argMax, softmax, cumsum, normalize, rstd };
