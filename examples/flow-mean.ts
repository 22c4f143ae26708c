// A generator in one evaluation: mean flow learns the average velocity over an interval of time from an identity, without
// a teacher and without solving anything [geng2025]. Beside it, a plain flow asked for one step.
import { eightGaussians } from "advect/data";
import {
  type Draw,
  evaluate,
  expandDims,
  key,
  type NdArray,
  normal,
  random,
  spec,
  type Tensor,
} from "advect/engine";
import { type AverageVelocity, flowMatching, jump, meanFlow } from "advect/flow";
import { energyDistance } from "advect/metrics";
import { type MlpParams, mlp } from "advect/nn";
import { cosineRate, trainer } from "advect/train";

const steps = process.env.ADVECT_BUDGET === "small" ? 800 : 8000;
const [root, batch, count] = [key("mean flow"), 256, 2000];
const data = eightGaussians();

// The network's condition is how far to go: 0 asks for the velocity itself
const model = mlp({ size: 2, hidden: 96, depth: 3, conditionSize: 1 });
const average =
  (params: MlpParams): AverageVelocity =>
  (x, { from, to }) =>
    model.apply(params, x, from, expandDims(to.sub(from), -1));

const [plain, averages] = [flowMatching(), meanFlow({ instant: 0.5 })];
const losses = {
  flow: (params: MlpParams, x1: Tensor, draw: Draw) =>
    plain((x, t) => average(params)(x, { from: t, to: t }), { x1 }, draw),
  "mean flow": (params: MlpParams, x1: Tensor, draw: Draw) => averages(average(params), { x1 }, draw).loss,
};

const noise = normal(root.fold("noise"), [count, 2]);
const reference = data.sample(root.fold("test"), count);
const distance = (samples: NdArray) => energyDistance({ samples, reference }).toFixed(3);
console.log(`energy distance to the data after one evaluation\nnoise       ${distance(noise)}`);
for (const [name, loss] of Object.entries(losses)) {
  using training = await trainer({
    params: model.init(root.fold("model")),
    loss,
    signature: [spec([batch, 2]), random],
    learningRate: cosineRate({ from: 3e-3, steps }),
  });
  for (let i = 0; i < steps; i++) await training.step(data.sample(root.fold(i), batch), root.fold(i));
  const { params } = training.snapshot();
  // A flow's step goes by the velocity at t = 0, a mean flow's by the average from 0 to 1
  const sample = (p: MlpParams, x0: Tensor) =>
    jump((x, at) => average(p)(x, name === "flow" ? { from: at.from, to: at.from } : at), x0).x;
  console.log(`${name.padEnd(11)} ${distance(await evaluate(sample, [params, noise]))}`);
}
