import { describe, expect, test } from "vitest";
import { evaluateImages, type Labelled } from "../../../src/app/images/index.ts";
import { fromPixels, loadOptdigits } from "../../../src/data/index.ts";
import { ndarray, takeRows } from "../../../src/engine/array/index.ts";
import { key, permutation, uniform } from "../../../src/engine/random/index.ts";

const { train, test: unseen } = await loadOptdigits("datasets/optdigits");
const training = { x: fromPixels(train), labels: train.labels };
const written = { x: fromPixels(unseen), labels: unseen.labels };

const rows = ({ x, labels }: Labelled, from: number, to: number): Labelled => {
  const chosen = Int32Array.from({ length: to - from }, (_, i) => from + i);
  return { x: takeRows(x, chosen), labels: takeRows(labels, chosen) };
};

/** Digits of one half of the training writers' pages, and what is left of them. */
const order = permutation(key("halves"), 3823).data;
const half = (from: number, to: number): Labelled => ({
  x: takeRows(training.x, order.subarray(from, to)),
  labels: takeRows(training.labels, order.subarray(from, to)),
});
const [kept, rest] = [half(0, 500), half(500, 3823)];
const some = rows(written, 0, 500);

describe("evaluateImages", () => {
  test("finds real digits as good as real digits", () => {
    const report = evaluateImages({ samples: kept, training: rest, test: some, key: key(1) });
    expect(report.count).toEqual({ samples: 500, training: 3323, test: 500 });
    expect(report.recognised.samples.value).toBeGreaterThan(0.96);
    expect(report.recognised.test.value).toBeGreaterThan(0.96);
    const { ratio, training: floor } = report.energyDistance;
    expect(Math.abs(ratio - 1)).toBeLessThan((6 * Math.sqrt(8) * floor.stdError) / floor.value);
  });

  test("recognises the test digits as the nearest neighbour does in the literature: 98.0 %", () => {
    const report = evaluateImages({ samples: rows(written, 0, 100), training, test: written, key: key(1) });
    expect(report.recognised.test.value).toBeCloseTo(1761 / 1797, 6);
  });

  test("tells copies of training images by their distance", () => {
    const { nearestTraining } = evaluateImages({
      samples: rows(training, 0, 300),
      training,
      test: rows(written, 0, 300),
      key: key(1),
    });
    expect(nearestTraining.samples).toEqual({ value: 0, stdError: 0, median: 0 });
    expect(nearestTraining.test.value).toBeGreaterThan(1.9);
    const { value, stdError } = nearestTraining.difference;
    expect(value).toBe(-nearestTraining.test.value);
    expect(stdError).toBeCloseTo(nearestTraining.test.stdError, 12);
  });

  test("tells digits under wrong labels, one class alone, and noise", () => {
    const wrong = {
      x: kept.x,
      labels: ndarray(
        kept.labels.data.map((l) => (l + 1) % 10),
        [500],
        "int32",
      ),
    };
    const wrongReport = evaluateImages({ samples: wrong, training: rest, test: some, key: key(1) });
    expect(wrongReport.recognised.samples.value).toBeLessThan(0.03);

    const zeros = Int32Array.from(training.labels.data.keys()).filter((i) => training.labels.data[i] === 0);
    const single = { x: takeRows(training.x, zeros), labels: takeRows(training.labels, zeros) };
    const singleReport = evaluateImages({ samples: single, training, test: some, key: key(1) });
    expect(singleReport.recognised.samples.value).toBe(1);
    expect(singleReport.energyDistance.ratio).toBeGreaterThan(10);

    const noise = { x: uniform(key("noise"), [500, 1, 8, 8], { low: -1, high: 1 }), labels: kept.labels };
    const noiseReport = evaluateImages({ samples: noise, training: rest, test: some, key: key(1) });
    expect(noiseReport.recognised.samples.value).toBeLessThan(0.3);
    expect(noiseReport.energyDistance.ratio).toBeGreaterThan(10);
    expect(noiseReport.nearestTraining.difference.value).toBeGreaterThan(1);
  });

  test("names what it cannot judge", () => {
    const few = rows(written, 0, 10);
    expect(() => evaluateImages({ samples: few, training, test: written, key: key(1) })).toThrow(
      "evaluateImages: expected samples: at least 16 images with a label each",
    );
    const data = kept.x.data.slice();
    data[64 * 5 + 3] = Number.NaN;
    const broken = { x: ndarray(data, kept.x.shape), labels: kept.labels };
    expect(() =>
      evaluateImages({ samples: broken as Labelled, training, test: written, key: key(1) }),
    ).toThrow("evaluateImages: expected finite samples, got NaN in image 5");
  });
});
