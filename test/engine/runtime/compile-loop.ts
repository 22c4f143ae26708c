import { array } from "../../../src/engine/array/index.ts";
import { compile, spec } from "../../../src/engine/runtime/index.ts";
import { constant, filled, matmul, sum, type Tensor } from "../../../src/engine/tensor/index.ts";
import { residentBytes } from "./child.ts";

const x = array([1, 2, 3]);

/**
 * A session holds its weights, 4 MB here: 300 forgotten ones would be 1.2 GB. The allocator keeps some 40 MB of such
 * blocks, which do not become more in 1800 cycles.
 */
async function cycle(): Promise<void> {
  const weights = { shape: [1000, 1000], dtype: "float32", data: new Float32Array(1e6).fill(1) } as const;
  const fn = (v: Tensor) => sum(matmul(filled([1, 1000], 1), constant(weights))).mul(v);
  using compiled = await compile(fn, [spec([3])], { device: "cpu", threads: 1 });
  await compiled(x);
}

for (let i = 0; i < 50; i++) await cycle();
const before = residentBytes();
for (let i = 0; i < 300; i++) await cycle();
console.log(JSON.stringify({ grownBytes: residentBytes() - before }));
