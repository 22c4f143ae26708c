// The main job of a fresh clone: npm start. Another folder for the results: npm start -- <folder>.
import { run } from "./run.ts";

const small = process.env.ADVECT_BUDGET === "small";
const folder = process.argv[2] ?? "runs/first-flow";
const { distance, exportDifference, seconds } = await run({
  folder,
  steps: small ? 500 : 6000,
  log: console.log,
});

console.log(`
Trained in ${seconds.toFixed(1)} s. Mean distance to the moons: noise ${distance.noise.toFixed(3)}, \
samples ${distance.samples.toFixed(3)}, data ${distance.data.toFixed(3)}.
The exported file gives the model's samples (largest difference ${exportDifference.toExponential(1)}).

Look at:
  ${folder}/picture.svg    the samples on their way from noise to data
  ${folder}/sampler.onnx   the sampler, for any ONNX runtime: x0 [600, 2] -> sample [600, 2]
  ${folder}/report.json    the numbers`);

if (!(exportDifference < 1e-4)) {
  console.error("The exported file disagrees with the model.");
  process.exitCode = 1;
}
