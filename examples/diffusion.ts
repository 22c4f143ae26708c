// Diffusion in the same words: the same network learns the noise instead of the velocity, along a path with other alphas
// and sigmas. One model, three ways to sample: ancestral (random), DDIM, and the probability flow ODE.
import { eightGaussians } from "advect/data";
import { compile, type Draw, key, type NdArray, normal, random, spec, specOf, type Tensor } from "advect/engine"; // biome-ignore format: one line
import { ddim, ddpm, denoise, diffusionMatching, fromBetas, integrate, linearBetas, probabilityFlow, spacedTimes } from "advect/flow"; // biome-ignore format: one line
import { energyDistance } from "advect/metrics";
import { type MlpParams, mlp } from "advect/nn";
import { cosineRate, trainer } from "advect/train";

const steps = process.env.ADVECT_BUDGET === "small" ? 600 : 6000;
const [root, batch, count] = [key("diffusion"), 256, 1000];
const data = eightGaussians();
const model = mlp({ size: 2, hidden: 96, depth: 3 });
const [scheduler, prediction] = [fromBetas(linearBetas(1000)), "noise"] as const;
const matching = diffusionMatching({ scheduler, prediction });

using training = await trainer({
  params: model.init(root.fold("model")),
  loss: (params: MlpParams, x1: Tensor, draw: Draw) =>
    matching((x, t) => model.apply(params, x, t), { x1 }, draw),
  signature: [spec([batch, 2]), random],
  learningRate: cosineRate({ from: 3e-3, steps }),
});
for (let i = 0; i < steps; i++) await training.step(data.sample(root.fold(i), batch), root.fold(i));
const { params } = training.snapshot();

const noise = normal(root.fold("noise"), [count, 2]);
const reference = data.sample(root.fold("test"), count);
const distance = (samples: NdArray) => energyDistance({ samples, reference }).toFixed(3).padStart(5);
console.log("energy distance after   ddpm    ddim    flow");
for (const nfe of [5, 20, 100]) {
  const times = spacedTimes(scheduler, { count: nfe });
  using sample = await compile(
    (p: MlpParams, x0: Tensor, draw: Draw) => {
      const network = (x: Tensor, t: Tensor) => model.apply(p, x, t);
      const by = { scheduler, prediction, times, clip: 4, draw };
      return {
        ddpm: denoise(network, x0, { ...by, transition: ddpm() }).x,
        ddim: denoise(network, x0, { ...by, transition: ddim() }).x,
        flow: integrate(probabilityFlow(network, { scheduler, prediction }), x0, { times }).x,
      };
    },
    [specOf(params), spec([count, 2]), random],
  );
  const { ddpm: ancestral, ddim: implicit, flow } = await sample(params, noise, root.fold("sampler"));
  const columns = [ancestral, implicit, flow].map(distance).join("   ");
  console.log(`${String(nfe).padStart(3)} evaluations         ${columns}`);
}
