import { AdvectError } from "../../engine/error.ts";
import { ddim, ddpm } from "../../flow/diffusion/index.ts";
import { choose } from "./choose.ts";
import { eulerSteps, jumps, type Sampler, transitions } from "./samplers.ts";
import type { TrainingName } from "./trainings.ts";

export const methodNames = ["flow", "ot-flow", "rectified", "mean-flow", "vp", "ddpm", "ddim"] as const;
export type MethodName = (typeof methodNames)[number];

/** What is trained, and how it is sampled. */
export interface Method {
  /** For people, in one line. */
  readonly about: string;
  readonly training: TrainingName;
  readonly sampler: Sampler;
  /** Whether the sampler draws noise on its way. */
  readonly stochastic: boolean;
}

export const methods: Readonly<Record<MethodName, Method>> = {
  flow: {
    about: "flow matching on straight paths, noise and data paired at random [lipman2023]",
    training: "flow",
    sampler: eulerSteps,
    stochastic: false,
  },
  "ot-flow": {
    about: "the same, paired by optimal transport within each batch [tong2024; pooladian2023]",
    training: "ot-flow",
    sampler: eulerSteps,
    stochastic: false,
  },
  rectified: {
    about: "flow, then a second training on the pairs that it makes [liu2023]",
    training: "rectified",
    sampler: eulerSteps,
    stochastic: false,
  },
  "mean-flow": {
    about: "average velocities, which jump over an interval in one call [geng2025]",
    training: "mean-flow",
    sampler: jumps,
    stochastic: false,
  },
  vp: {
    about: "flow matching on the path of the variance-preserving diffusion, solved as an ODE [song2021b]",
    training: "vp",
    sampler: eulerSteps,
    stochastic: false,
  },
  ddpm: {
    about: "a diffusion of 1000 levels, sampled with fresh noise at every step [ho2020]",
    training: "diffusion",
    sampler: transitions(ddpm()),
    stochastic: true,
  },
  ddim: {
    about: "the same network, sampled without noise [song2021a]",
    training: "diffusion",
    sampler: transitions(ddim()),
    stochastic: false,
  },
};

/** Throws "option" unless there are some, all known and none twice. */
export function checkMethods(names: readonly string[]): asserts names is readonly MethodName[] {
  for (const name of names) choose("method", name, methodNames);
  if (names.length > 0 && new Set(names).size === names.length) return;
  throw new AdvectError("option", "compare", { expected: "methods, each once", got: [...names] });
}
