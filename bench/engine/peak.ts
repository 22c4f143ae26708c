import { compile, key, matmul, normal, spec, type Tensor } from "advect/engine";
import { gemmShapes } from "./models.ts";

/** advect's best rate for a matrix product in GFLOP/s, with this many threads. */
export async function gemmPeak(threads: number): Promise<number> {
  const rates: number[] = [];
  for (const { m, n, k } of gemmShapes) {
    using product = await compile((a: Tensor, b: Tensor) => matmul(a, b), [spec([m, k]), spec([k, n])], {
      threads,
    });
    const [a, b] = [normal(key("a"), [m, k]), normal(key("b"), [k, n])];
    for (let i = 0; i < 30; i++) {
      const start = performance.now();
      await product(a, b);
      rates.push(product.flops / (performance.now() - start) / 1e6);
    }
  }
  return Math.max(...rates);
}
