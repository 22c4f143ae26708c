// How probable is a point? The flow answers exactly: log p1(x1) = log p0(x0) - integral of div v along the way [chen2018].
// The data are a Gaussian mixture, whose true density is known.
import { eightGaussians } from "advect/data";
import { compile, type Draw, key, random, spec, specOf, type Tensor } from "advect/engine";
import { flowMatching, logLikelihood, withDivergence } from "advect/flow";
import { type MlpParams, mlp } from "advect/nn";
import { cosineRate, trainer } from "advect/train";

const [steps, count] = process.env.ADVECT_BUDGET === "small" ? [800, 200] : [8000, 1000];
const root = key("likelihood");
const data = eightGaussians({ std: 0.4 });
const model = mlp({ size: 2, hidden: 128, depth: 3 });
const matching = flowMatching();

using training = await trainer({
  params: model.init(root.fold("model")),
  loss: (params: MlpParams, x1: Tensor, draw: Draw) =>
    matching((x, t) => model.apply(params, x, t), { x1 }, draw),
  signature: [spec([256, 2]), random],
  learningRate: cosineRate({ from: 3e-3, steps }),
});
for (let i = 0; i < steps; i++) {
  const seed = root.fold("step").fold(i);
  await training.step(data.sample(seed.fold("data"), 256), seed);
}
const { params } = training.snapshot();

// A row is a point and the integral of the divergence so far
using rates = await compile(
  (p: MlpParams, rows: Tensor, t: Tensor) =>
    withDivergence((x, time) => model.apply(p, x, time), { event: [2] })(rows, t),
  [specOf(params), spec([count, 3]), spec([count])],
);
const points = data.sample(root.fold("test"), count);
const { logLikelihood: learned, report } = await logLikelihood((rows, t) => rates(params, rows, t), points);

const truth = data.logDensity!(points);
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / count;
console.log(
  `log p of ${count} test points, nats   learned ${mean(learned.data).toFixed(3)}   true ${mean(truth.data).toFixed(3)}`,
);
console.log(`Kullback-Leibler divergence, nats  ${(mean(truth.data) - mean(learned.data)).toFixed(3)}`);
console.log(`${report.nfe} evaluations, ${report.accepted} steps taken, ${report.rejected} rejected`);
