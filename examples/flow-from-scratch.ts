// Flow matching by hand: a velocity field that carries Gaussian noise (t = 0) to a ring (t = 1), and Euler's method.
import { concat, type Draw, evaluate, filled, key, normal, random, type Tensor } from "advect/engine";
import { type MlpParams, mlp, mse } from "advect/nn";
import { cosineRate, trainer } from "advect/train";

const small = process.env.ADVECT_BUDGET === "small";
const [steps, batchSize, sampleCount, eulerSteps] = [small ? 300 : 4000, 256, 500, 20];
const root = key("ring");

// Data: points on a ring of radius 2, drawn where they are used
function ring(draw: Draw, count: number): Tensor {
  const angle = draw.uniform("angle", [count, 1]).mul(2 * Math.PI);
  return concat([angle.cos(), angle.sin()], 1).mul(2);
}

// Model and loss: xt = t x1 + (1 - t) x0 has the velocity x1 - x0; regress on it
const model = mlp({ size: 2, hidden: 64 });
function loss(params: MlpParams, draw: Draw): Tensor {
  const x0 = draw.normal("x0", [batchSize, 2]);
  const x1 = ring(draw, batchSize);
  const t = draw.uniform("t", [batchSize, 1]);
  const xt = x1.mul(t).add(x0.mul(t.neg().add(1)));
  return mse({ prediction: model.apply(params, xt, t.reshape([batchSize])), target: x1.sub(x0) });
}

// Train
const training = await trainer({
  params: model.init(root.fold("model")),
  loss,
  signature: [random],
  learningRate: cosineRate({ from: 3e-3, steps }),
});
for (let step = 0; step < steps; step++) {
  const { loss } = await training.step(root.fold("step").fold(step));
  if (step % (steps / 5) === 0) console.log(`step ${String(step).padStart(4)}  loss ${loss.toFixed(3)}`);
}
const { params } = training.snapshot();
training[Symbol.dispose]();

// Sample: all of Euler's steps are one graph
function sample(params: MlpParams, x0: Tensor): Tensor {
  let x = x0;
  for (let i = 0; i < eulerSteps; i++) {
    x = x.add(model.apply(params, x, filled([sampleCount], i / eulerSteps)).mul(1 / eulerSteps));
  }
  return x;
}
const { data } = await evaluate(sample, [params, normal(root.fold("sample"), [sampleCount, 2])]);

// Measure
const radii = Array.from({ length: sampleCount }, (_, i) => Math.hypot(data[2 * i]!, data[2 * i + 1]!));
const distance = radii.reduce((sum, radius) => sum + Math.abs(radius - 2), 0) / sampleCount;
console.log(`mean distance from the ring ${distance.toFixed(3)}`);
