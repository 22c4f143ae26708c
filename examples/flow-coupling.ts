// Which noise goes with which data: paired at random, paths cross and bend; paired by optimal transport, one step of
// Euler's method already lands near the data [tong2024].
import { eightGaussians } from "advect/data";
import { type Draw, evaluate, key, type NdArray, normal, random, spec, type Tensor } from "advect/engine";
import {
  type Coupling,
  exactOT,
  flowMatching,
  independent,
  integrate,
  paired,
  uniformGrid,
} from "advect/flow";
import { energyDistance, straightness } from "advect/metrics";
import { type MlpParams, mlp } from "advect/nn";
import { cosineRate, trainer } from "advect/train";

const [steps, batchSize] = process.env.ADVECT_BUDGET === "small" ? [400, 128] : [5000, 256];
const root = key("coupling");
const data = eightGaussians();
const model = mlp({ size: 2, hidden: 64, depth: 3 });
const matching = flowMatching();
const noise = normal(root.fold("noise"), [512, 2]);
const reference = data.sample(root.fold("test"), 512);

async function train(coupling: Coupling) {
  const rows = spec([batchSize, 2]);
  using training = await trainer({
    params: model.init(root.fold("model")),
    loss: (params: MlpParams, pairs: { x0: Tensor; x1: Tensor }, draw: Draw) =>
      matching((x, t) => model.apply(params, x, t), pairs, draw),
    signature: [{ x0: rows, x1: rows }, random],
    learningRate: cosineRate({ from: 4e-3, steps }),
  });
  for (let i = 0; i < steps; i++) {
    const seed = root.fold("step").fold(i);
    const [x0, x1] = [normal(seed.fold("x0"), [batchSize, 2]), data.sample(seed.fold("x1"), batchSize)];
    const pairs = paired(coupling, { x0, x1, key: seed });
    await training.step({ x0: pairs.x0, x1: pairs.x1 }, seed);
  }
  return training.snapshot().params;
}

function trajectory(params: MlpParams, x0: Tensor, steps: number) {
  return integrate((x, t) => model.apply(params, x, t), x0, { times: uniformGrid(steps) });
}

console.log("coupling       1 step   32 steps   straightness");
for (const coupling of [independent(), exactOT()]) {
  const params = await train(coupling);
  const run = (count: number) =>
    evaluate((p: MlpParams, x: Tensor) => trajectory(p, x, count), [params, noise]);
  const [coarse, fine] = [await run(1), await run(32)];
  const distance = (samples: NdArray) => energyDistance({ samples, reference }).toFixed(3).padStart(8);
  const bend = straightness({ trajectory: fine.trajectory, times: uniformGrid(32) }).value;
  console.log(`${coupling.name.padEnd(12)} ${distance(coarse.x)}   ${distance(fine.x)}   ${bend.toFixed(3)}`);
}
