import { array } from "../../../src/engine/array/index.ts";
import {
  categorical,
  integers,
  key,
  normal,
  permutation,
  rademacher,
  uniform,
} from "../../../src/engine/random/index.ts";

/** The name of each draw and a checksum of the bits of many numbers from it. */
export function draws(): Record<string, number> {
  const root = key("browser").fold("größe").split(3)[2]!;
  const logits = array([0.1, -3, 2.7, 700]);
  const all = {
    normal: normal(root, [1_000_003], { mean: 0.3, std: 1.7 }),
    uniform: uniform(root, [100_001], { low: -0.1, high: 1e3 }),
    rademacher: rademacher(root, [1001]),
    integers: integers(root, [10_001], { low: -7, high: 2 ** 31 - 9 }),
    permutation: permutation(root, 10_000),
    categorical: categorical(root, { logits: array([0.1, -3, 2.7]) }, [10_000]),
    extreme: categorical(root, { logits }, [100]),
  };
  return Object.fromEntries(Object.entries(all).map(([name, { data }]) => [name, checksum(data)]));
}

/** FNV-1a over the bytes. */
function checksum({ buffer, byteOffset, byteLength }: ArrayBufferView): number {
  return new Uint8Array(buffer, byteOffset, byteLength).reduce(
    (hash, byte) => Math.imul(hash ^ byte, 16777619),
    2166136261,
  );
}
