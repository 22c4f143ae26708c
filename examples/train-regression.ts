// Trains a multilayer perceptron to follow a curve: y = sin(3 x) + x / 2, with noise.
import { evaluate, key, ndarray, normal, spec, type Tensor, uniform } from "advect/engine";
import { initEach, linear, mse, type ParamsOf } from "advect/nn";
import { cosineRate, trainer } from "advect/train";

const steps = process.env.ADVECT_BUDGET === "small" ? 500 : 2000;
const batchSize = 64;
const root = key("regression");

// Data: a fresh batch for every step
const curve = (x: number) => Math.sin(3 * x) + x / 2;
function batch(step: number) {
  const own = root.fold("batch").fold(step);
  const x = uniform(own.fold("x"), [batchSize, 1], { low: -2, high: 2 });
  const noise = normal(own.fold("noise"), [batchSize, 1], { std: 0.1 });
  return {
    x,
    y: ndarray(
      x.data.map((value, i) => curve(value) + noise.data[i]!),
      x.shape,
    ),
  };
}

// Model: layers are { init, apply }, parameters a tree of the same names
const layers = {
  first: linear({ inputs: 1, outputs: 64 }),
  second: linear({ inputs: 64, outputs: 64 }),
  last: linear({ inputs: 64, outputs: 1 }),
};
type Weights = ParamsOf<typeof layers>;
const params = initEach(root.fold("model"), layers);
const predict = ({ first, second, last }: Weights, x: Tensor): Tensor => {
  const h = layers.second.apply(second, layers.first.apply(first, x).tanh());
  return layers.last.apply(last, h.tanh());
};

// Train: loss, gradient and batch are one graph; the trainer owns the memory
const training = await trainer({
  params,
  loss: (params: Weights, x: Tensor, y: Tensor) => mse({ prediction: predict(params, x), target: y }),
  signature: [spec([batchSize, 1]), spec([batchSize, 1])],
  learningRate: cosineRate({ from: 1e-2, steps }),
});
for (let step = 0; step < steps; step++) {
  const { x, y } = batch(step);
  const { loss } = await training.step(x, y);
  if (step % (steps / 10) === 0) console.log(`step ${String(step).padStart(4)}  loss ${loss.toFixed(4)}`);
}
const { params: trained } = training.snapshot();
training[Symbol.dispose]();

// Predict
const at = Float32Array.of(-1.5, -0.5, 0.5, 1.5);
const { data } = await evaluate(predict, [trained, ndarray(at, [4, 1])]);
const worst = Math.max(...at.map((x, i) => Math.abs(data[i]! - curve(x))));
for (const [i, x] of at.entries())
  console.log(`x ${x}  predicted ${data[i]!.toFixed(3)}  true ${curve(x).toFixed(3)}`);
console.log(`largest error ${worst.toFixed(3)}`);
