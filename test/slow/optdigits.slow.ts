import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { asImages, type RunReport, readRecipe, reportRun, trainRecipe } from "../../src/app/index.ts";

import { fromPixels, loadArrays, loadOptdigits } from "../../src/data/index.ts";
import { asType, type NdArray } from "../../src/engine/array/index.ts";
import { digitClassifier } from "./classifier.ts";

const folder = process.env.ADVECT_OPTDIGITS ?? join(mkdtempSync(join(tmpdir(), "advect-")), "optdigits");
const seed = process.env.ADVECT_SEED ?? "0";

describe("the recipe optdigits", () => {
  let report: RunReport;
  let seconds: number;

  beforeAll(async () => {
    const text = readFileSync("recipes/optdigits.yaml", "utf8");
    const recipe = readRecipe(text, {
      where: "optdigits.yaml",
      name: "optdigits",
      folder: "recipes",
      set: [`seed=${seed}`],
    });
    const threads = Number(process.env.ADVECT_THREADS ?? 2);
    ({ seconds } = await trainRecipe({ recipe, folder, threads }));
    report = await reportRun(folder, { threads });
    console.log(
      `${folder}: ${seconds.toFixed(0)} s on ${threads} threads\n${JSON.stringify(report.images, null, 1)}`,
    );
  }, 900_000);

  test("trains in at most 6 minutes on 2 cores", () => {
    expect(seconds).toBeLessThan(360);
  });

  test("is guided, and makes as many digits as there are test digits", () => {
    expect(report.sampling.guidance).toBe(1.2);
    expect(report.images!.count).toEqual({ samples: 1797, training: 3823, test: 1797 });
  });

  test("makes digits of which 90 % and more are recognised", () => {
    const { samples, test: real } = report.images!.recognised;
    expect(samples.value).toBeGreaterThanOrEqual(0.9);
    expect(real.value).toBeCloseTo(0.98, 2);
  });

  test("makes digits of which a trained perceptron recognises as many", async () => {
    const { samples, labels } = await loadArrays(join(folder, "samples.npz"));
    const { train, test: unseen } = await loadOptdigits("datasets/optdigits");
    const share = await digitClassifier({ x: fromPixels(train), labels: train.labels });
    const real = await share({ x: fromPixels(unseen), labels: unseen.labels });
    const made = await share({ x: asImages(samples as NdArray, 16), labels: asType(labels!, "int32") });
    console.log(`a perceptron recognises ${made.toFixed(4)} of them, ${real.toFixed(4)} of the test digits`);
    expect(real).toBeGreaterThan(0.95);
    expect(made).toBeGreaterThanOrEqual(0.9);
  });

  test("makes digits at most 1.5 times as far from test digits as training digits, in energy distance", () => {
    expect(report.images!.energyDistance.ratio).toBeLessThanOrEqual(1.5);
  });

  test("makes digits no closer to training digits than test digits are", () => {
    const { samples, test: real, difference } = report.images!.nearestTraining;
    expect(difference.value).toBeGreaterThanOrEqual(0);
    expect(samples.median).toBeGreaterThanOrEqual(real.median);
  });
});
