import { z } from "zod";
import { choice, count, nonNegative, oneOf, positive, rate } from "./words.ts";

const level = z.number().gt(0).lt(1);
const betas = { steps: count.exactOptional(), first: level.exactOptional(), last: level.exactOptional() };

/** alpha and sigma: the schedulers of advect/flow; the betas are those of discrete diffusions, 1000 steps by default. */
export const path = oneOf([
  choice("condOT", {}),
  choice("polynomial", { n: positive }),
  choice("vp", { betaMin: positive.exactOptional(), betaMax: positive.exactOptional() }),
  choice("linearVP", {}),
  choice("cosine", {}),
  choice("blurredCondOT", { sigmaMin: rate }),
  choice("linearBetas", betas),
  choice("scaledLinearBetas", betas),
  choice("sigmoidBetas", betas),
  choice("squaredCosineBetas", {
    steps: count.exactOptional(),
    offset: nonNegative.exactOptional(),
    largest: level.exactOptional(),
  }),
]);

/** Which x0 goes with which x1. */
export const coupling = oneOf([
  choice("independent", {}),
  choice("exactOT", {}),
  choice("classwiseOT", {}),
  choice("sinkhornOT", { epsilon: positive }),
  choice("resampledOT", {
    method: z.enum(["exact", "sinkhorn", "unbalanced", "partial"]),
    epsilon: positive.exactOptional(),
    marginWeight: positive.exactOptional(),
    mass: z.number().gt(0).max(1).exactOptional(),
  }),
  choice("conditionalOT", {
    weight: nonNegative,
    distance: z.enum(["squaredEuclidean", "cosine", "discrete"]).exactOptional(),
  }),
]);

const stratified = { stratified: z.boolean().exactOptional() };
const logNormal = { mean: z.number().exactOptional(), std: positive.exactOptional() };

/** Which t to train on. */
const time = oneOf([
  choice("uniform", stratified),
  choice("logitNormal", logNormal),
  choice("edmSkewed", logNormal),
  choice("beta", {
    ...stratified,
    a: positive.exactOptional(),
    cutoff: z.number().gt(0).max(1).exactOptional(),
  }),
  choice("mode", { ...stratified, scale: z.number().exactOptional() }),
  choice("cosmap", stratified),
]).exactOptional();

/** The factor of the squared error at each t. */
const weight = oneOf([
  choice("velocity", { floor: z.number().gt(0).max(1).exactOptional() }),
  choice("minSnr", { limit: positive.exactOptional() }),
  choice("density", {}),
]).exactOptional();

const timesPerSample = count.exactOptional();
const fraction = z.number().min(0).max(1).exactOptional();

/** What to train: the objectives of advect/flow. */
export const method = oneOf([
  choice("flowMatching", {
    prediction: z.enum(["velocity", "target", "noise"]).exactOptional(),
    time,
    weight,
    timesPerSample,
    /** Noise of this deviation around the path. */
    spread: positive.exactOptional(),
  }),
  choice("diffusionMatching", {
    prediction: z.enum(["noise", "target", "velocity", "v"]).exactOptional(),
    time,
    weight,
    timesPerSample,
  }),
  choice("bridgeMatching", { sigma: positive, time, correctionWeight: nonNegative.exactOptional() }),
  choice("meanFlow", {
    time,
    instant: fraction,
    power: nonNegative.exactOptional(),
    offset: positive.exactOptional(),
  }),
  choice("consistency", {
    time,
    step: z.number().gt(0).max(1).exactOptional(),
    velocityWeight: nonNegative.exactOptional(),
  }),
  choice("shortcut", {
    time,
    levels: count.max(20).exactOptional(),
    share: z.number().gt(0).lt(1).exactOptional(),
  }),
  choice("reflow", {
    time,
    /** Of training: the first is flow matching, each later one straightens the flow before it. 2 unless given. */
    rounds: z.int().min(2).exactOptional(),
    /** Pairs that each later round learns from; 20,000 unless given, 4000 of images. */
    pairs: count.exactOptional(),
    /** Steps of the solver that makes them; 32 unless given. */
    steps: count.exactOptional(),
  }),
]);

/** Labels or vectors that the model is told. */
export const condition = z.strictObject({
  /** The share of samples that lose theirs, so that samples can be guided; 0.1 unless given. */
  dropout: rate.exactOptional(),
});

export type PathWords = z.infer<typeof path>;
export type CouplingWords = z.infer<typeof coupling>;
export type TimeWords = Exclude<z.infer<typeof time>, undefined>;
export type WeightWords = Exclude<z.infer<typeof weight>, undefined>;
export type MethodWords = z.infer<typeof method>;
