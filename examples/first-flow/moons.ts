import { type Key, type NdArray, ndarray, normal, uniform } from "advect/engine";

/** Radius of the half circles. */
const radius = 1.5;
const noiseStd = 0.1;

/** `count` points of two interleaved half circles, around the origin, with a little noise: [count, 2]. */
export function moons(key: Key, count: number): NdArray<"float32"> {
  const angle = uniform(key.fold("angle"), [count], { high: Math.PI }).data;
  const noise = normal(key.fold("noise"), [count, 2], { std: noiseStd });
  const data = Float32Array.from(noise.data, (offset, i) => {
    const [x, y] = onArc(angle[i >> 1]!, (i >> 1) % 2 === 0);
    return offset + (i % 2 === 0 ? x : y);
  });
  return ndarray(data, [count, 2]);
}

function onArc(angle: number, upper: boolean): readonly [number, number] {
  const [x, y] = [Math.cos(angle), Math.sin(angle)];
  return upper ? [radius * (x - 0.5), radius * (y - 0.25)] : [radius * (0.5 - x), radius * (0.25 - y)];
}

/** Mean distance of points [count, 2] to the nearer of the two half circles. */
export function distanceToMoons({ data }: NdArray): number {
  const count = data.length / 2;
  let total = 0;
  for (let i = 0; i < count; i++) {
    const [x, y] = [data[2 * i]! / radius, data[2 * i + 1]! / radius];
    total += Math.min(toArc(x + 0.5, y + 0.25), toArc(0.5 - x, 0.25 - y));
  }
  return (radius * total) / count;
}

/** Distance to the upper half of the unit circle. */
function toArc(x: number, y: number): number {
  if (y >= 0) return Math.abs(Math.hypot(x, y) - 1);
  return Math.hypot(Math.abs(x) - 1, y);
}
