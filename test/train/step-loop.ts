import { array, zeros } from "../../src/engine/array/index.ts";
import { key } from "../../src/engine/random/index.ts";
import { random, spec } from "../../src/engine/runtime/index.ts";
import { type Draw, mul, sum, type Tensor } from "../../src/engine/tensor/index.ts";
import { trainer } from "../../src/train/index.ts";
import { residentBytes } from "../engine/runtime/child.ts";

const root = key("noise");
const batch = zeros([16, 3]);

function loss({ p }: { p: Tensor }, x: Tensor, draw: Draw): Tensor {
  const error = x.add(draw.normal("noise", [16, 3])).sub(p);
  return sum(mul(error, error));
}

using run = await trainer<{ p: Tensor }, [Tensor, Draw]>({
  params: { p: array([1, 2, 3]) },
  loss,
  signature: [spec([16, 3]), random],
  learningRate: 1e-3,
  ema: 0.99,
  clipNorm: 1,
});
let steps = 0;
const until = async (count: number) => {
  while (steps < count) await run.step(batch, root.fold(steps++));
};
await until(2000);
const before = residentBytes();
await until(22_000);
console.log(JSON.stringify({ grownBytes: residentBytes() - before, steps: run.stepCount }));
