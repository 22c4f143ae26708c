import { mkdirSync } from "node:fs";
import { evaluate, exportOnnx, key, loadOnnx, type NdArray, normal, writeFileAtomic } from "advect/engine";
import { figureToSvg, type Samples, samplesFigure } from "advect/figure";
import { cosineRate, trainer, warmupDecay } from "advect/train";
import { batchSize, loss, lossSignature, model, sample, sampleCount, sampleSignature } from "./flow.ts";
import { distanceToMoons, moons } from "./moons.ts";
import { progress } from "./progress.ts";

export interface Request {
  /** Where the results go; made if it is not there. */
  readonly folder: string;
  readonly steps: number;
  readonly log: (line: string) => void;
}

const root = key("two moons");
/** The part of the plane that the picture shows. */
const window = { x: [-2.6, 2.6], y: [-2.6, 2.6] } as const;

/** Trains a flow from noise to two moons, exports its sampler, runs the exported file, and writes it all down. */
export async function run({ folder, steps, log }: Request) {
  const { params, facts } = await train(steps, log);
  mkdirSync(folder, { recursive: true });
  const file = `${folder}/sampler.onnx`;
  const signature = [sampleSignature] as const;
  await writeFileAtomic(file, exportOnnx({ fn: sample, params, signature, inputNames: ["x0"] }));

  const x0 = normal(root.fold("sample"), [sampleCount, 2]);
  const { oneThird, twoThirds, sample: x1 } = await evaluate(sample, [params, x0]);
  const report = {
    ...facts,
    /** Mean distance of points to the two half circles. */
    distance: {
      noise: distanceToMoons(x0),
      samples: distanceToMoons(x1),
      data: distanceToMoons(moons(root.fold("data"), sampleCount)),
    },
    /** Largest difference between samples of the exported file and of the model in memory. */
    exportDifference: largestDifference(x1, await fromFile(file, x0)),
  };
  await write(folder, report, [
    { title: "t = 0: noise", points: x0 },
    { title: "t = 1/3", points: oneThird },
    { title: "t = 2/3", points: twoThirds },
    { title: "t = 1: samples", points: x1 },
  ]);
  return report;
}

async function train(steps: number, log: Request["log"]) {
  const training = await trainer({
    params: model.init(root.fold("model")),
    loss,
    signature: lossSignature,
    learningRate: cosineRate({ from: 3e-3, steps }),
    ema: warmupDecay(0.99),
    clipNorm: 1,
  });
  try {
    const { parameterCount, device } = training;
    log(
      `Training a flow from noise to two moons: ${parameterCount} parameters, ${steps} steps, on ${device}.`,
    );
    const shown = progress(steps, log);
    for (let i = 0; i < steps; i++) {
      const own = root.fold("step").fold(i);
      shown.step(i + 1, await training.step(moons(own.fold("data"), batchSize), own));
    }
    const { ema: params } = training.snapshot();
    return { params, facts: { parameterCount, device, steps, ...shown.end() } };
  } finally {
    training[Symbol.dispose]();
  }
}

async function fromFile(file: string, x0: NdArray): Promise<NdArray> {
  const loaded = await loadOnnx(file);
  try {
    return (await loaded({ x0 })).sample as NdArray;
  } finally {
    loaded[Symbol.dispose]();
  }
}

async function write(folder: string, report: object, panels: readonly Samples[]): Promise<void> {
  const text = new TextEncoder();
  await writeFileAtomic(`${folder}/picture.svg`, text.encode(figureToSvg(samplesFigure({ panels, window }))));
  await writeFileAtomic(`${folder}/report.json`, text.encode(`${JSON.stringify(report, null, 2)}\n`));
}

function largestDifference(a: NdArray, b: NdArray): number {
  return Math.max(...a.data.map((value, i) => Math.abs(value - b.data[i]!)));
}
