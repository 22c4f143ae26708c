import { z } from "zod";
import { backboneWords, methodWords } from "../../robot/policy/words.ts";
import { coupling } from "../recipe/flow.ts";
import { training } from "../recipe/training.ts";
import { choice, count, index, nonNegative, object, oneOf, path, positive } from "../recipe/words.ts";

/** Human demonstrations of a robot. */
const data = oneOf([
  /** Those of PushT that ship with advect, as keypoints; the folder is for others of the same task. */
  choice("pusht", {
    folder: path.exactOptional(),
    /** Adds the mirror image of every episode; not part of the published protocol. Default false. */
    mirror: z.boolean().exactOptional(),
  }),
  /** A LeRobotDataset, zarr or npz. */
  choice("episodes", {
    /** Must be given in the end, such as by --data. */
    path: path.exactOptional(),
    /** Features to observe; all "observation.…" of one axis unless given. */
    observation: z.array(z.string().min(1)).min(1).exactOptional(),
    /** "action" unless given. */
    action: z.string().min(1).exactOptional(),
    /** For files that do not say it. */
    fps: positive.exactOptional(),
  }),
  /** Scripted demonstrations of the navigation task. */
  choice("navigation", { count: count.exactOptional() }),
]);

/** How numbers become those of the network; fixed: (x - shift) / scale. */
const scaling = oneOf([
  choice(["rescaled", "standardized", "none"], {}),
  choice("fixed", { shift: z.number(), scale: positive }),
]);

/** Where actions are counted from. */
const actions = oneOf([
  choice("absolute", {}),
  choice("relative", {
    /** A feature that is observed. */
    to: z.string().exactOptional(),
    /** Which of its elements; the first ones unless given. */
    elements: z.array(index).min(1).exactOptional(),
    /** What 1 is to the network; from the data unless given. */
    scale: positive.exactOptional(),
  }),
]);

const model = oneOf([
  choice("residualMlp", backboneWords.residualMlp),
  choice("unet1d", backboneWords.unet1d),
  choice("dit", backboneWords.dit),
]);

const method = oneOf([
  choice("flow", methodWords.flow),
  choice("diffusion", methodWords.diffusion),
  choice("regression", methodWords.regression),
  choice("vae", methodWords.vae),
]);

/** A policy: what was observed before, to a chunk of actions. */
export const policySchema = object({
  kind: z.literal("policy"),
  name: z
    .string()
    .regex(/^[\w.-]+$/, "expected letters, digits, dots, hyphens")
    .exactOptional(),
  /** One line for the list of recipes. */
  description: z.string().exactOptional(),
  /** Of everything that is drawn. */
  seed: index.default(0),
  data,
  obsHorizon: count.default(2),
  horizon: count.default(16),
  executeSteps: count.default(8),
  normalize: object({
    observation: scaling.exactOptional(),
    action: scaling.exactOptional(),
  }).prefault({}),
  actions: actions.default({ kind: "absolute" }),
  model: model.default({ kind: "unet1d" }),
  method: method.default({ kind: "flow" }),
  start: z.enum(["noise", "rest"]).default("noise"),
  coupling: coupling.default({ kind: "independent" }),
  /** Actions after the end of an episode, where its last one stands, do not count. */
  maskPadding: z.boolean().default(false),
  /** The last frames of each episode that nothing is learned from. */
  dropLastSteps: index.default(0),
  /** Deviation of noise on what is observed while learning, in the network's numbers. */
  observationNoise: nonNegative.default(0),
  training: training.prefault({}),
  /** Trains a regression of the same network for the same steps, to compare its errors on episodes kept from training. */
  baseline: z.boolean().default(false),
});

export type PolicyRecipe = z.infer<typeof policySchema>;
export type ScalingWords = z.infer<typeof scaling>;
