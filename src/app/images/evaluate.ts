import { type NdArray, takeRows } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { type Key, permutation } from "../../engine/random/index.ts";
import { type Estimate, energyDistance, estimate, meanOf } from "../../metrics/index.ts";
import { type Nearest, nearestRows } from "./nearest.ts";

/** Images [count, channels, height, width] in the units of the model, with a class each. */
export interface Labelled {
  readonly x: NdArray;
  readonly labels: NdArray<"int32">;
}

export interface ImageEvaluation {
  /** What was generated, and the classes that were asked for. */
  readonly samples: Labelled;
  /** What the model was trained on. */
  readonly training: Labelled;
  /** What it has not seen. */
  readonly test: Labelled;
  readonly key: Key;
}

export interface DistanceSummary extends Estimate {
  readonly median: number;
}

/** How good generated images are, with what real ones score in the same test beside it. */
export interface ImageReport {
  /** Images on each side. */
  readonly count: { readonly samples: number; readonly training: number; readonly test: number };
  /** The part whose nearest training image is of their class. */
  readonly recognised: { readonly samples: Estimate; readonly test: Estimate };
  /** To the test images; `training`: of as many training images, the mean over draws. `ratio` = samples / training. */
  readonly energyDistance: {
    readonly samples: Estimate;
    readonly training: Estimate;
    readonly ratio: number;
  };
  /** From the nearest training image: where samples are closer than test images, the model may be repeating. */
  readonly nearestTraining: {
    readonly samples: DistanceSummary;
    readonly test: DistanceSummary;
    /** Mean of the samples minus mean of the test images. */
    readonly difference: Estimate;
  };
}

const draws = 8;

/**
 * Compares generated images with training and test images: a classifier by the nearest training image, the energy
 * distance, and the distance to the nearest training image. Throws "shape" for fewer than 16 images on a side, or labels
 * that do not belong to them; "numerical" for samples that are not finite.
 */
export function evaluateImages({ samples, training, test, key }: ImageEvaluation): ImageReport {
  for (const [name, side] of Object.entries({ samples, training, test })) checkSide(name, side);
  const near = {
    samples: nearestRows({ rows: samples.x, among: training.x }),
    test: nearestRows({ rows: test.x, among: training.x }),
  };
  return {
    count: { samples: rowsOf(samples), training: rowsOf(training), test: rowsOf(test) },
    recognised: {
      samples: recognised(samples, near.samples, training),
      test: recognised(test, near.test, training),
    },
    energyDistance: distances({ samples, training, test, key }),
    nearestTraining: nearness(near),
  };
}

const rowsOf = ({ x }: Labelled) => x.shape[0]!;

/** How often the nearest training image has the label. */
function recognised({ labels }: Labelled, { index }: Nearest, training: Labelled): Estimate {
  return meanOf(Float64Array.from(index, (row, i) => (training.labels.data[row] === labels.data[i] ? 1 : 0)));
}

function distances({ samples, training, test, key }: ImageEvaluation): ImageReport["energyDistance"] {
  const rows = rowsOf(training);
  const some = key.split(draws).map((child) => {
    const chosen = permutation(child.fold("draw"), rows).data.subarray(0, rowsOf(samples));
    return energyDistance({ samples: takeRows(training.x, chosen), reference: test.x });
  });
  const pair = { samples: samples.x, reference: test.x };
  const found = estimate({ distance: energyDistance, pair, key: key.fold("parts") });
  const known = meanOf(some);
  return { samples: found, training: known, ratio: found.value / known.value };
}

function nearness({
  samples,
  test,
}: {
  readonly samples: Nearest;
  readonly test: Nearest;
}): ImageReport["nearestTraining"] {
  const [ofSamples, ofTest] = [summary(samples.distance), summary(test.distance)];
  return {
    samples: ofSamples,
    test: ofTest,
    difference: {
      value: ofSamples.value - ofTest.value,
      stdError: Math.hypot(ofSamples.stdError, ofTest.stdError),
    },
  };
}

function summary(values: Float64Array): DistanceSummary {
  const sorted = values.toSorted();
  return {
    ...meanOf(values),
    median: (sorted.at((values.length - 1) >> 1)! + sorted[values.length >> 1]!) / 2,
  };
}

const fewest = 16;

function checkSide(name: string, { x, labels }: Labelled): void {
  const [count = 0] = x.shape;
  if (count < fewest || labels.shape.length !== 1 || labels.shape[0] !== count) {
    throw new AdvectError("shape", "evaluateImages", {
      expected: `${name}: at least ${fewest} images with a label each`,
      got: `images of shape [${x.shape}] and labels of shape [${labels.shape}]`,
    });
  }
  const wrong = Array.prototype.findIndex.call(x.data, (value: number) => !Number.isFinite(value));
  if (wrong < 0) return;
  throw new AdvectError("numerical", "evaluateImages", {
    expected: `finite ${name}`,
    got: `${x.data[wrong]} in image ${Math.floor(wrong / (x.data.length / count))}`,
    fix: "Train longer or with a lower learning rate, or sample with more steps.",
  });
}
