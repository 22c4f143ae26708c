// Handwritten digits from noise, each of the class that is asked for: a U-Net, pairs by optimal transport within the
// classes, guidance. `advect train optdigits` does the same, and judges the digits beside real ones.
import { mkdirSync } from "node:fs";
import { fromPixels, loadOptdigits } from "advect/data";
import { array, type Draw, evaluate, filled, key, type NdArray, normal, permuteAxes, random, spec, type Tensor, takeRows, writeFileAtomic } from "advect/engine"; // biome-ignore format: one line
import { figureToSvg, imageGrid } from "advect/figure";
import { classwiseOT, dropLabels, flowMatching, guide, integrate, paired, uniformGrid } from "advect/flow";
import { nearestDistances } from "advect/metrics";
import { type Unet2dParams, unet2d } from "advect/nn";
import { arrayBatches, cosineRate, trainer } from "advect/train";

const small = process.env.ADVECT_BUDGET === "small";
const [steps, batch, width, sampleSteps] = small ? [120, 32, 8, 4] : [500, 128, 32, 10];
const [root, classes] = [key("digits"), 10];
const { train } = await loadOptdigits("datasets/optdigits");
const images = fromPixels(train);
const model = unet2d({ shape: [1, 8, 8], widths: [width, 2 * width], classes });
const matching = flowMatching();
/** v(x, t) for these labels; label number `classes` says nothing. */
const told = (params: Unet2dParams, labels: Tensor) => (x: Tensor, t: Tensor) =>
  model.apply(params, x, t, labels);

using training = await trainer({
  params: model.init(root.fold("model")),
  loss: (params: Unet2dParams, x0: Tensor, x1: Tensor, labels: Tensor, draw: Draw) =>
    matching(told(params, dropLabels(labels, { classes, rate: 0.1, draw })), { x0, x1 }, draw),
  signature: [spec([batch, 1, 8, 8]), spec([batch, 1, 8, 8]), spec([batch], "int32"), random],
  learningRate: cosineRate({ from: small ? 2e-2 : 1e-3, steps }),
  ema: small ? 0.9 : 0.99,
});
const batches = arrayBatches({ x1: images, condition: train.labels }, { batchSize: batch });
for (let i = 0; i < steps; i++) {
  const own = root.fold("step").fold(i);
  const rows = await batches.at(i, root);
  const source = { x0: normal(own.fold("noise"), [batch, 1, 8, 8]), key: own };
  const { x0, x1, condition } = paired(classwiseOT(), { ...rows, ...source });
  await training.step(x0, x1, condition as NdArray<"int32">, own);
}

const asked = Array.from({ length: 100 }, (_, i) => i % classes);
const sample = (params: Unet2dParams, x0: Tensor, labels: Tensor) => {
  const unconditional = told(params, filled([100], classes, "int32"));
  const field = guide({ conditional: told(params, labels), unconditional, scale: 1.2 });
  return integrate(field, x0, { times: uniformGrid(sampleSteps) }).x;
};
const x0 = normal(root.fold("x0"), [100, 1, 8, 8]);
const digits = await evaluate(sample, [training.snapshot().ema, x0, array(asked, "int32")]);

// Recognised: no training image of another class is nearer than the nearest one of the class that was asked for.
const nearest = Array.from({ length: classes }, (_, label) => {
  const rows = Int32Array.from(train.labels.data.keys()).filter((row) => train.labels.data[row] === label);
  return nearestDistances({ samples: digits, reference: takeRows(images, rows) });
});
const right = asked.filter((label, i) => nearest.every((other) => other[i]! >= nearest[label]![i]!));
console.log(`${right.length} of 100 digits recognised, in runs/image-generation.svg`);
const grid = imageGrid({ images: permuteAxes(digits, [0, 2, 3, 1]), columns: classes, range: [-1, 1] });
mkdirSync("runs", { recursive: true });
await writeFileAtomic("runs/image-generation.svg", new TextEncoder().encode(figureToSvg(grid)));
