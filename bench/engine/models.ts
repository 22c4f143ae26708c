import type { DitOptions, MlpOptions, ResidualMlpOptions, Unet1dOptions, Unet2dOptions } from "advect/nn";

type Sized<O> = Omit<O, "size" | "shape" | "conditionSize">;

/**
 * Options of the backbones in src/nn; the size of x and the condition come from the model. bench/peers/models.py builds the same
 * networks from the same data, parameter for parameter.
 */
export type Network =
  | ({ readonly kind: "mlp" } & Sized<MlpOptions>)
  | ({ readonly kind: "residualMlp" } & Sized<ResidualMlpOptions>)
  | ({ readonly kind: "dit" } & Sized<DitOptions>)
  | ({ readonly kind: "unet1d" } & Sized<Unet1dOptions>)
  | ({ readonly kind: "unet2d" } & Sized<Unet2dOptions>);

/** What both sides do after the gradient: AdamW, clipping to a global norm, an average of the parameters. */
export const training = {
  learningRate: 1e-3,
  weightDecay: 1e-2,
  clip: 1,
  emaDecay: 0.999,
} as const;

export interface TrainModel {
  readonly name: string;
  readonly network: Network;
  readonly batch: number;
  /** Shape of one sample: [dim], [horizon, dim] or [channels, height, width]. */
  readonly x: readonly number[];
  /** Length of the condition vector; 0 for none. */
  readonly condition: number;
  /** Promised ratio of minima against PyTorch 1.13. */
  readonly target: number;
  readonly training: typeof training;
}

export interface SampleModel extends Pick<TrainModel, "name" | "network" | "x" | "condition"> {
  /** Equal Euler steps from t = 0 to t = 1, batch 1. */
  readonly steps: number;
}

const mlp = (hidden: number, depth = 4): Network => ({ kind: "mlp", hidden, depth });
const residual = (hidden: number, depth: number): Network => ({
  ...{ kind: "residualMlp", hidden, depth, expansion: 1 },
  ...{ conditioning: "film", timeSize: 64, timeOutputs: hidden / 2 },
});
const dit: Network = { kind: "dit", hidden: 256, depth: 4, heads: 4, expansion: 4 };
const unet1d = (widths: readonly number[]): Network => ({
  ...{ kind: "unet1d", widths, kernel: 5, groups: 8 },
  ...{ timeSize: 128, blocksPerLevel: 1 },
});
const unet2d: Network = { kind: "unet2d", widths: [64, 128, 256], groups: 8 };
const chunk = { x: [16, 7], condition: 64 };
const flat = { x: [112], condition: 64 };

export const trainModels: readonly TrainModel[] = [
  { name: "tiny", network: mlp(128, 2), batch: 256, x: [2], condition: 0, target: 1.6 },
  { name: "mlp256", network: mlp(256), batch: 256, x: [16], condition: 0, target: 1.05 },
  { name: "mlp512", network: mlp(512), batch: 256, ...flat, target: 1.05 },
  { name: "mlp1024", network: mlp(1024), batch: 256, ...flat, target: 1.05 },
  { name: "resmlp256", network: residual(256, 4), batch: 256, ...flat, target: 1.05 },
  { name: "resmlp512", network: residual(512, 4), batch: 256, ...flat, target: 1.05 },
  { name: "dit", network: dit, batch: 32, ...chunk, target: 1.2 },
  { name: "unet1d", network: unet1d([64, 128, 256]), batch: 64, ...chunk, target: 1 },
  { name: "unet2d", network: unet2d, batch: 16, x: [3, 32, 32], condition: 0, target: 1 },
].map((model) => ({ ...model, training }) as TrainModel);

export const sampleModels: readonly SampleModel[] = [
  { name: "sample-resmlp256", network: residual(256, 3), ...flat, steps: 5 },
  { name: "sample-resmlp512", network: residual(512, 3), ...flat, steps: 5 },
  { name: "sample-resmlp1024", network: residual(1024, 3), ...flat, steps: 5 },
  { name: "sample-unet1d", network: unet1d([32, 64, 128]), ...chunk, steps: 5 },
  { name: "sample-dit", network: dit, ...chunk, steps: 5 },
];

/** Promised ratios of minima for every sampler against PyTorch 1.13, by how the peer runs. */
export const sampleTargets: Readonly<Record<string, number>> = { eager: 1.8, trace: 1.3 };

/** Products whose best rate counts as the machine's peak. */
export const gemmShapes = [
  { m: 256, n: 1024, k: 1024 },
  { m: 1024, n: 1024, k: 1024 },
] as const;
