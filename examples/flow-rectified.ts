// Rectified flow: train again on the pairs (noise, sample) that a first flow made. Its paths no longer cross, so they
// are straight, and one step of Euler's method does what took many [liu2023].
import { eightGaussians } from "advect/data";
import { compile, type Draw, integers, key, type NdArray, normal, random, spec, specOf, type Tensor, takeRows } from "advect/engine"; // biome-ignore format: one line
import { type CompiledField, euler, flowMatching, flowPairs, uniformGrid } from "advect/flow";
import { energyDistance, straightness } from "advect/metrics";
import { type MlpParams, mlp } from "advect/nn";
import { cosineRate, trainer } from "advect/train";

const steps = process.env.ADVECT_BUDGET === "small" ? 600 : 6000;
const [root, batch, count] = [key("rectified"), 256, 2048];
const data = eightGaussians();
const model = mlp({ size: 2, hidden: 64, depth: 3 });
const matching = flowMatching();
const rows = spec([batch, 2]);

type Pairs<T> = { readonly x0: T; readonly x1: T };
async function train(pairsOf: (seed: typeof root) => Pairs<NdArray>) {
  using training = await trainer({
    params: model.init(root.fold("model")),
    loss: (params: MlpParams, pairs: Pairs<Tensor>, draw: Draw) =>
      matching((x, t) => model.apply(params, x, t), pairs, draw),
    signature: [{ x0: rows, x1: rows }, random],
    learningRate: cosineRate({ from: 4e-3, steps }),
  });
  for (let i = 0; i < steps; i++) await training.step(pairsOf(root.fold(i)), root.fold(i));
  return training.snapshot().params;
}

const flow = await train((seed) => ({ x0: normal(seed, [batch, 2]), x1: data.sample(seed, batch) }));
using velocity = await compile(model.apply, [specOf(flow), spec([count, 2]), spec([count]), undefined]);
const field =
  (params: typeof flow): CompiledField =>
  (x, t) =>
    velocity(params, x, t, undefined);

const made = await flowPairs(field(flow), normal(root.fold("pairs"), [count, 2]));
const rectified = await train((seed) => {
  const { data: chosen } = integers(seed, [batch], { high: count });
  return { x0: takeRows(made.x0, chosen), x1: takeRows(made.x1, chosen) };
});

const noise = normal(root.fold("noise"), [count, 2]);
const reference = data.sample(root.fold("test"), count);
console.log("energy distance   1 step   2 steps   32 steps   straightness");
for (const [name, params] of [
  ["flow", flow],
  ["rectified", rectified],
] as const) {
  // biome-ignore format: a table
  const runs = [1, 2, 32].map((n) => flowPairs(field(params), noise, { solver: euler, times: uniformGrid(n) }));
  const [one, two, many] = await Promise.all(runs);
  const distance = (x1: NdArray) => energyDistance({ samples: x1, reference }).toFixed(3);
  const bend = straightness(many!).value.toFixed(3);
  console.log(
    `${name.padEnd(15)}   ${distance(one!.x1)}    ${distance(two!.x1)}     ${distance(many!.x1)}      ${bend}`,
  );
}
