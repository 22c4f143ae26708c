import { episodesFromArrays } from "../../../src/data/index.ts";
import { key, ndarray, normal, uniform } from "../../../src/engine/index.ts";
import {
  chunkRows,
  type Method,
  type NeuralPolicy,
  neuralPolicy,
  type PolicyDesign,
  type PolicySpec,
  type PolicyTraining,
  policyTraining,
  scalingsFor,
} from "../../../src/robot/index.ts";

/** Two joints, told of a target and a place. */
export const tinySpec: PolicySpec = {
  name: "tiny",
  observation: { "observation.state": [2], "observation.target": [1] },
  obsHorizon: 2,
  horizon: 4,
  executeSteps: 2,
  stepSeconds: 0.1,
  action: ["a", "b"].map((name) => ({ name, kind: "position", unit: "m", low: -20, high: 20 })),
};

export const tinyBackbone = { kind: "residualMlp", hidden: 64, depth: 2, timeSize: 16 } as const;

export const tinyDesign = (method: Method, more: Partial<PolicyDesign> = {}): PolicyDesign => ({
  spec: tinySpec,
  backbone: tinyBackbone,
  method,
  ...more,
});

/** Episodes that go to +10 or to -10, each half of the time, whatever is seen: the mean of both, 0, is never right. */
export function twoWays(episodes = 400, length = 8) {
  const frames = episodes * length;
  const state = normal(key("state"), [frames, 2]);
  const target = uniform(key("target"), [frames, 1]);
  const noise = normal(key("action"), [frames, 2], { std: 0.3 });
  const action = noise.data.map((value, i) => value + (Math.floor(i / 2 / length) % 2 === 0 ? 10 : -10));
  return episodesFromArrays({
    name: "two ways",
    fps: 10,
    arrays: {
      "observation.state": state,
      "observation.target": target,
      action: ndarray(action, [frames, 2]),
    },
    episodeEnds: Array.from({ length: episodes }, (_, i) => (i + 1) * length),
  });
}

export const observation = {
  "observation.state": ndarray(Float32Array.of(0.1, -0.2, 0.3, 0.4), [2, 2]),
  "observation.target": ndarray(Float32Array.of(0.5, 0.6), [2, 1]),
};

export interface Tiny {
  readonly design: PolicyDesign;
  readonly maskPadding?: boolean;
  readonly coupling?: { readonly kind: "exactOT" };
}

export async function tinyTraining({ design, ...more }: Tiny): Promise<PolicyTraining> {
  const set = twoWays();
  const scalings = scalingsFor(set, design);
  return policyTraining({
    design,
    scalings,
    rows: chunkRows(set, { design, scalings }),
    batchSize: 64,
    key: key("model"),
    learningRate: 3e-3,
    ema: 0.98,
    threads: 1,
    ...more,
  });
}

export async function trained(tiny: Tiny, steps: number): Promise<NeuralPolicy> {
  using training = await tinyTraining(tiny);
  for (let step = 0; step < steps; step++) {
    await training.trainer.step(...(await training.batches.at(step, key("run"))));
  }
  return neuralPolicy(training.model());
}
