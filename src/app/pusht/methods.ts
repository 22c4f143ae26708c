import type { Method } from "../../robot/index.ts";
import type { CompletePolicy } from "../policy/index.ts";

/** A way of sampling a trained policy: words in the place of its own. */
export interface ComparedSampler {
  readonly name: string;
  readonly method: Partial<Method>;
}

/** A way of learning a policy, and the ways of sampling it. */
export interface ComparedMethod {
  readonly about: string;
  /** In the place of the recipe's own. */
  readonly words: Pick<CompletePolicy, "method"> & Partial<Pick<CompletePolicy, "coupling">>;
  /** The first is the one whose pictures are shown. */
  readonly samplers: readonly ComparedSampler[];
}

const stepped = (kind: "flow" | "ot-flow", counts: readonly number[]): ComparedSampler[] =>
  counts.map((steps) => ({ name: `${kind} ${steps}`, method: { steps } as Partial<Method> }));

/** All with the network, the data, the optimiser and the steps of one recipe. */
export const policyMethods = {
  flow: {
    about: "flow matching, noise and chunks paired at random; Euler steps",
    words: { method: { kind: "flow", steps: 5 } },
    samplers: stepped("flow", [5, 1, 2, 10]),
  },
  "ot-flow": {
    about:
      "flow matching, noise and chunks of a batch paired by transport that minds the observations; Euler steps",
    words: { method: { kind: "flow", steps: 5 }, coupling: { kind: "conditionalOT", weight: 100 } },
    samplers: stepped("ot-flow", [5, 1, 2, 10]),
  },
  diffusion: {
    about: "diffusion of 100 levels: all of them (DDPM), or some without noise (DDIM)",
    words: { method: { kind: "diffusion", levels: 100, sampler: "ddpm" } },
    samplers: [
      { name: "ddpm 100", method: {} },
      ...[5, 10, 20].map((steps) => ({
        name: `ddim ${steps}`,
        method: { sampler: "ddim", steps } as Partial<Method>,
      })),
    ],
  },
  regression: {
    about: "the mean of what was demonstrated",
    words: { method: { kind: "regression" } },
    samplers: [{ name: "regression", method: {} }],
  },
  vae: {
    about: "a conditional variational autoencoder",
    words: { method: { kind: "vae" } },
    samplers: [{ name: "vae", method: {} }],
  },
} as const satisfies Readonly<Record<string, ComparedMethod>>;

export type PolicyMethodName = keyof typeof policyMethods;

export const policyMethodNames = Object.keys(policyMethods) as PolicyMethodName[];
