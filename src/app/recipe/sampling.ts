import { z } from "zod";
import { choice, count, index, object, oneOf, positive } from "./words.ts";

export const fixedSolvers = [
  "euler",
  "midpoint",
  "heun2",
  "heun3",
  "ralston",
  "rk4",
  "rk4ThreeEighths",
] as const;
export const adaptiveSolvers = ["fehlberg2", "bosh3", "dopri5", "tsit5", "dopri8", "adaptiveHeun"] as const;
export const stochasticSolvers = ["eulerMaruyama", "stochasticHeun"] as const;

/** Predicted data are held in [-clip, clip]. */
const clip = { clip: positive.exactOptional() };

/** How samples are made: a method for ordinary or stochastic equations, a rule of diffusion models, or jumps. */
export const solver = oneOf([
  choice(fixedSolvers, {}),
  choice(adaptiveSolvers, { relative: positive.exactOptional(), absolute: positive.exactOptional() }),
  /** g(t) = diffusion (1 - t); 1 unless given. */
  choice(stochasticSolvers, { diffusion: positive.exactOptional() }),
  choice("ddim", { ...clip, eta: z.number().min(0).max(1).exactOptional() }),
  choice("ddpm", { ...clip, variance: z.enum(["small", "large"]).exactOptional() }),
  choice("jump", {}),
]);

/** Where the steps are. */
export const grid = oneOf([
  choice("uniform", {}),
  choice("cosine", {}),
  choice("sway", { coefficient: z.number().exactOptional() }),
  choice("shifted", { shift: positive }),
  choice("edm", {
    sigmaMin: positive.exactOptional(),
    sigmaMax: positive.exactOptional(),
    rho: positive.exactOptional(),
  }),
]);

const time = z.number().min(0).max(1);

/** Classifier-free guidance: unconditional + scale (conditional - unconditional), within an interval of t. */
export const guidance = object({
  scale: z.number(),
  interval: z.tuple([time, time]).exactOptional(),
});

export const sampling = object({
  solver: solver.exactOptional(),
  steps: count.exactOptional(),
  grid: grid.exactOptional(),
  guidance: z
    .preprocess((value) => (typeof value === "number" ? { scale: value } : value), guidance)
    .exactOptional(),
  /** Samples made at the end of training. */
  count: index.exactOptional(),
});

export type SolverWords = z.infer<typeof solver>;
export type GridWords = z.infer<typeof grid>;
export type Guidance = z.infer<typeof guidance>;
export type Sampling = z.infer<typeof sampling>;
