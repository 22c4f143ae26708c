// One training step of a 1-D U-Net: what it costs, and that its gradient steps reduce the loss on a fixed batch.
import {
  key,
  leaves,
  type NdArray,
  normal,
  sizeOf,
  spec,
  systemClock,
  type Tensor,
  uniform,
} from "advect/engine";
import { mse, type Unet1dParams, unet1d } from "advect/nn";
import { trainer } from "advect/train";

const steps = process.env.ADVECT_BUDGET === "small" ? 5 : 40;
const [batchSize, length, size, conditionSize] = [32, 16, 2, 20];
const root = key("unet1d");

// Data: sequences of actions with a condition each, and the velocity that they should have
const shape = [batchSize, length, size];
const x = normal(root.fold("x"), shape);
const velocity = normal(root.fold("velocity"), shape);
const t = uniform(root.fold("t"), [batchSize]);
const condition = normal(root.fold("condition"), [batchSize, conditionSize]);

// Model
const model = unet1d({ size, conditionSize, widths: [32, 64, 128] });
const params = model.init(root.fold("model"));
const count = leaves<NdArray>(params).reduce((sum, { shape }) => sum + sizeOf(shape), 0);

// Train
const loss = (params: Unet1dParams, x: Tensor, t: Tensor, condition: Tensor, target: Tensor) =>
  mse({ prediction: model.apply(params, x, t, condition), target });
const training = await trainer({
  params,
  loss,
  signature: [spec(shape), spec([batchSize]), spec([batchSize, conditionSize]), spec(shape)],
  learningRate: 1e-3,
  clipNorm: 1,
});
console.log(
  `${model.name}: ${count} parameters, ${(training.flops / 1e6).toFixed(0)} million operations a step`,
);
try {
  const losses: number[] = [];
  const start = systemClock.nowMs();
  for (let step = 0; step < steps; step++) losses.push((await training.step(x, t, condition, velocity)).loss);
  const stepMs = (systemClock.nowMs() - start) / steps;
  console.log(`loss ${losses[0]!.toFixed(4)} -> ${losses.at(-1)!.toFixed(4)} in ${steps} steps`);
  console.log(`${stepMs.toFixed(1)} ms a step on ${training.device}, ${training.threads} thread(s)`);
} finally {
  training[Symbol.dispose]();
}
