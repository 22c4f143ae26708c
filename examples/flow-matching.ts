// A first flow in 30 lines: noise becomes two moons. flow-from-scratch.ts does the same with nothing but tensors.
import { twoMoons } from "advect/data";
import { type Draw, evaluate, key, type NdArray, normal, random, spec, type Tensor } from "advect/engine";
import { flowMatching, integrate, uniformGrid } from "advect/flow";
import { energyDistance } from "advect/metrics";
import { type MlpParams, mlp } from "advect/nn";
import { cosineRate, trainer } from "advect/train";

const steps = process.env.ADVECT_BUDGET === "small" ? 600 : 5000;
const root = key("moons");
const moons = twoMoons();
const model = mlp({ size: 2, hidden: 64, depth: 3 });
const matching = flowMatching();

const training = await trainer({
  params: model.init(root.fold("model")),
  loss: (params: MlpParams, x1: Tensor, draw: Draw) =>
    matching((x, t) => model.apply(params, x, t), { x1 }, draw),
  signature: [spec([256, 2]), random],
  learningRate: cosineRate({ from: 4e-3, steps }),
});
for (let i = 0; i < steps; i++) {
  const seed = root.fold("step").fold(i);
  await training.step(moons.sample(seed.fold("data"), 256), seed);
}
const { params } = training.snapshot();
training[Symbol.dispose]();

const noise = normal(root.fold("noise"), [1000, 2]);
const sample = (p: MlpParams, x0: Tensor) =>
  integrate((x, t) => model.apply(p, x, t), x0, { times: uniformGrid(20) }).x;
const samples = await evaluate(sample, [params, noise]);
const data = moons.sample(root.fold("test"), 1000);
const distance = (samples: NdArray) => energyDistance({ samples, reference: data }).toFixed(3);
console.log(`energy distance to the moons: noise ${distance(noise)}, samples ${distance(samples)}`);
