import type { Labelled } from "../../src/app/images/index.ts";
import { type NdArray, takeRows } from "../../src/engine/array/index.ts";
import { key } from "../../src/engine/random/index.ts";
import { evaluate, spec } from "../../src/engine/runtime/index.ts";
import {
  logSumExp,
  mean,
  mul,
  oneHot,
  relu,
  reshape,
  sub,
  sum,
  type Tensor,
} from "../../src/engine/tensor/index.ts";
import { initEach, linear, type ParamsOf } from "../../src/nn/index.ts";
import { arrayBatches, cosineRate, trainer } from "../../src/train/index.ts";

const [pixels, hidden, classes, batch, steps] = [64, 128, 10, 128, 1500];
const layers = {
  first: linear({ inputs: pixels, outputs: hidden }),
  last: linear({ inputs: hidden, outputs: classes }),
};
type Weights = ParamsOf<typeof layers>;

const logits = ({ first, last }: Weights, x: Tensor): Tensor =>
  layers.last.apply(last, relu(layers.first.apply(first, reshape(x, [x.shape[0]!, pixels]))));

/** Cross entropy: the mean of log sum exp(logits) - logits[label]. */
function loss(params: Weights, x: Tensor, labels: Tensor): Tensor {
  const scores = logits(params, x);
  const asked = sum(mul(scores, oneHot(labels, classes)), { axes: [1] });
  return mean(sub(logSumExp(scores, { axes: [1] }), asked));
}

/** A perceptron with one hidden layer, trained on 8x8 digits: the part of images that it gives their label. */
export async function digitClassifier(training: Labelled): Promise<(of: Labelled) => Promise<number>> {
  const root = key("classifier");
  const batches = arrayBatches({ x: training.x, labels: training.labels }, { batchSize: batch });
  using learning = await trainer({
    params: initEach(root, layers),
    loss,
    signature: [spec([batch, 1, 8, 8]), spec([batch], "int32")],
    learningRate: cosineRate({ from: 2e-3, steps }),
    threads: 1,
  });
  for (let step = 0; step < steps; step++) {
    const { x, labels } = await batches.at(step, root);
    await learning.step(x, labels as NdArray<"int32">);
  }
  const { params } = learning.snapshot();
  return async ({ x, labels }) => {
    const scores = await evaluate(logits, [params, x]);
    return labels.data.filter((label, i) => best(scores, i) === label).length / labels.data.length;
  };
}

function best(scores: NdArray, i: number): number {
  const row = [...takeRows(scores, Int32Array.of(i)).data];
  return row.indexOf(Math.max(...row));
}
