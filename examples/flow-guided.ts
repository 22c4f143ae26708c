// A conditional flow: four clusters with a label each. Training hides one label in ten, so that the same network also
// knows the unconditional field; guidance then goes beyond the one, away from the other [ho2022].
import { type Draw, evaluate, filled, integers, key, ndarray, normal, oneHot, random, spec, type Tensor } from "advect/engine"; // biome-ignore format: one line
import { dropLabels, flowMatching, guide, integrate, uniformGrid } from "advect/flow";
import { type ResidualMlpParams, residualMlp } from "advect/nn";
import { cosineRate, trainer } from "advect/train";

const [steps, batch, count] = process.env.ADVECT_BUDGET === "small" ? [400, 128, 500] : [3000, 256, 2000];
const root = key("guided");
const classes = 4;
const model = residualMlp({ size: 2, hidden: 64, depth: 2, conditionSize: classes + 1 });
const matching = flowMatching();

/** v(x, t) for these labels; label number `classes` says nothing. */
const told = (params: ResidualMlpParams, labels: Tensor) => (x: Tensor, t: Tensor) =>
  model.apply(params, x, t, oneHot(labels, classes + 1));

/** Clusters around a circle, so wide that they overlap. */
function clusters(labels: Int32Array, seed: typeof root) {
  const { data, shape } = normal(seed.fold("width"), [labels.length, 2], { std: 0.8 });
  const centre = (i: number) => 2 * (i % 2 ? Math.sin : Math.cos)((labels[i >> 1]! * Math.PI) / 2);
  return ndarray(
    data.map((value, i) => value + centre(i)),
    shape,
  );
}

using training = await trainer({
  params: model.init(root.fold("model")),
  loss: (params: ResidualMlpParams, x1: Tensor, labels: Tensor, draw: Draw) =>
    matching(told(params, dropLabels(labels, { classes, rate: 0.1, draw })), { x1 }, draw),
  signature: [spec([batch, 2]), spec([batch], "int32"), random],
  learningRate: cosineRate({ from: 3e-3, steps }),
});
for (let i = 0; i < steps; i++) {
  const seed = root.fold("step").fold(i);
  const labels = integers(seed.fold("label"), [batch], { high: classes });
  await training.step(clusters(labels.data, seed), labels, seed);
}
const { params } = training.snapshot();

const noise = normal(root.fold("noise"), [count, 2]);
console.log("asked for the cluster around (2, 0)\nscale   mean x   in its quarter");
for (const scale of [0, 1, 2, 4]) {
  const sample = (p: ResidualMlpParams, x0: Tensor) => {
    const [right, none] = [0, classes].map((label) => told(p, filled([count], label, "int32")));
    const field = guide({ conditional: right!, unconditional: none!, scale });
    return integrate(field, x0, { times: uniformGrid(20) }).x;
  };
  const { data } = await evaluate(sample, [params, noise]);
  const points = Array.from({ length: count }, (_, i) => [data[2 * i]!, data[2 * i + 1]!] as const);
  const mean = points.reduce((sum, [x]) => sum + x / count, 0);
  const share = points.filter(([x, y]) => x > Math.abs(y)).length / count;
  console.log(`${scale}       ${mean.toFixed(2).padStart(6)}   ${share.toFixed(3)}`);
}
