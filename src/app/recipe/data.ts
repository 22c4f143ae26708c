import { z } from "zod";
import { choice, count, nonNegative, oneOf, path, positive } from "./words.ts";

/** A distribution gives fresh samples in every step; with `count`, a data set of that many. */
const sampled = { count: count.exactOptional() };
const noise = { noise: positive.exactOptional() };

const mean = z.tuple([z.number(), z.number()]);
const covariance = z.union([positive, z.tuple([z.number(), z.number(), z.number()])]);

export const distributionData = [
  choice("twoMoons", { ...sampled, ...noise, size: positive.exactOptional() }),
  choice("eightGaussians", { ...sampled, radius: positive.exactOptional(), std: positive.exactOptional() }),
  choice("checkerboard", { ...sampled, squares: count.exactOptional(), halfWidth: positive.exactOptional() }),
  choice("ring", { ...sampled, ...noise, radius: positive.exactOptional() }),
  choice("spiral", {
    ...sampled,
    ...noise,
    arms: count.exactOptional(),
    turns: positive.exactOptional(),
    radius: positive.exactOptional(),
  }),
  choice("pinwheel", {
    ...sampled,
    arms: count.exactOptional(),
    radius: positive.exactOptional(),
    radialStd: positive.exactOptional(),
    tangentialStd: positive.exactOptional(),
    rate: z.number().exactOptional(),
  }),
  choice("swissRoll", { ...sampled, ...noise, radius: positive.exactOptional() }),
  choice("sCurve", { ...sampled, ...noise, size: positive.exactOptional() }),
  choice("letters", { ...sampled, ...noise, text: z.string().min(1), halfWidth: positive.exactOptional() }),
  choice("gaussianMixture", {
    ...sampled,
    components: z.array(z.strictObject({ mean, covariance, weight: nonNegative.exactOptional() })).min(1),
  }),
] as const;

/** Rows of numbers: npy, npz or csv, plain or gzipped. */
export const arrayData = choice("file", {
  path,
  /** Which array of an npz; the only one, or "data", unless given. */
  array: z.string().exactOptional(),
  /** An array with a row for each sample: int32 labels [count], or vectors [count, size]. */
  condition: z.string().exactOptional(),
});

/** What `points` learn: vectors of any dimension. */
export const pointData = oneOf([...distributionData, arrayData]);

/** Where points come from at t = 0, if not from a Gaussian. */
export const pointSource = oneOf(distributionData);

/** Only the first so many of them are learned. */
const limit = { count: count.exactOptional() };

/** What `images` learn: images with a class each. */
export const imageData = oneOf([
  choice("optdigits", { folder: path, ...limit }),
  /** The four files that it comes in, gzipped or not; `train` is learned unless the part is t10k. */
  choice("mnist", { folder: path, part: z.enum(["train", "t10k"]).exactOptional(), ...limit }),
  /** The six files of the binary version. */
  choice("cifar10", { folder: path, ...limit }),
  choice("npz", {
    path,
    images: z.string().exactOptional(),
    labels: z.string().exactOptional(),
    classes: count.exactOptional(),
    ...limit,
  }),
]);

export type PointData = z.infer<typeof pointData>;
export type PointSource = z.infer<typeof pointSource>;
export type ImageData = z.infer<typeof imageData>;
