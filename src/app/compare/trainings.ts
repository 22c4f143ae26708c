import type { Draw, Tensor } from "../../engine/tensor/index.ts";
import type { CouplingSpec } from "../../flow/coupling/index.ts";
import { diffusionMatching, fromBetas, linearBetas } from "../../flow/diffusion/index.ts";
import {
  type AverageVelocity,
  flowMatching,
  type MatchingLoss,
  meanFlow,
} from "../../flow/matching/index.ts";
import { affine, vp } from "../../flow/path/index.ts";

export type TrainingName = "flow" | "ot-flow" | "rectified" | "mean-flow" | "vp" | "diffusion";

/** The ends of the paths of a batch, pair by pair: both [batch, 2]. */
export interface Ends {
  readonly x0: Tensor;
  readonly x1: Tensor;
}

/** The loss of a batch: a scalar, or one with numbers to watch. */
export type EndsLoss = (
  network: AverageVelocity,
  ends: Ends,
  draw: Draw,
) => Tensor | { readonly loss: Tensor; readonly metrics: Readonly<Record<string, Tensor>> };

/** What a network learns. Everything that is not here is the same for all. */
export interface Training {
  readonly loss: EndsLoss;
  /** Which noise goes with which data of a batch. */
  readonly coupling: CouplingSpec;
  /** The training whose flow makes the pairs; fresh noise and data unless given. */
  readonly teacher?: TrainingName;
}

/** The noise levels of the diffusion models [ho2020]. */
export const levels = fromBetas(linearBetas(1000));
/** Well conditioned at every level, so that samplers may begin at the noisiest with few steps [salimans2022]. */
export const diffusionPrediction = "v";

export const trainings: Readonly<Record<TrainingName, Training>> = {
  flow: { loss: atOnce(flowMatching()), coupling: { kind: "independent" } },
  "ot-flow": { loss: atOnce(flowMatching()), coupling: { kind: "exactOT" } },
  rectified: { loss: atOnce(flowMatching()), coupling: { kind: "independent" }, teacher: "flow" },
  "mean-flow": { loss: meanFlow(), coupling: { kind: "independent" } },
  vp: { loss: atOnce(flowMatching({ path: affine(vp()) })), coupling: { kind: "independent" } },
  diffusion: {
    loss: atOnce(diffusionMatching({ scheduler: levels, prediction: diffusionPrediction })),
    coupling: { kind: "independent" },
  },
};

/** A loss of a network that is asked about one time. */
function atOnce(matching: MatchingLoss): EndsLoss {
  return (network, ends, draw) => matching((x, t) => network(x, { from: t, to: t }), ends, draw);
}
