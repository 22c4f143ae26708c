import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { loadImages } from "../../../src/app/build/images.ts";
import { planOf } from "../../../src/app/build/plan.ts";
import { imageSummary, nearestRows, realImages, reportImages } from "../../../src/app/images/index.ts";
import {
  type CompleteImages,
  type RunReport,
  readRecipe,
  reportRun,
  trainRecipe,
} from "../../../src/app/index.ts";
import { type NdArray, zeros } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { leaves } from "../../../src/engine/tensor/index.ts";
import { advect } from "../../cli/harness.ts";
import { describeWithShared, shared } from "../../data/episodes/shared.ts";
import { writeCifar10, writeMnist } from "./files.ts";

const folder = mkdtempSync(join(tmpdir(), "advect-images-"));
const mnist = join(folder, "mnist");
const cifar10 = join(folder, "cifar10");

beforeAll(() => {
  writeMnist(mnist, key("mnist"), { train: 40, t10k: 20 });
  writeCifar10(cifar10, key("cifar"), 16);
});

function recipeOf(name: string, set: readonly string[] = []): CompleteImages {
  const text = readFileSync(`recipes/${name}.yaml`, "utf8");
  return readRecipe(text, { where: `${name}.yaml`, name, folder: "recipes", set }) as CompleteImages;
}

/** A few steps on a few images: all that a run does, quickly. */
const brief = ["training.steps=2", "training.batch=8", "sampling.steps=1", "sampling.count=20"];

async function run(recipe: CompleteImages) {
  const to = join(mkdtempSync(join(folder, "run-")), recipe.name);
  const { step } = await trainRecipe({ recipe, folder: to, threads: 1 });
  return { step, report: await reportRun(to, { threads: 1 }) };
}

describe("the recipe optdigits", () => {
  test("reports on its samples beside test digits, and draws them by guidance", async () => {
    const to = join(folder, "optdigits");
    const sets = brief.flatMap((set) => ["--set", set]);
    const { code, stdout } = await advect(["train", "optdigits", "--threads", "1", "--out", to, ...sets]);
    expect(code).toBe(0);
    const report: RunReport = JSON.parse(readFileSync(join(to, "report.json"), "utf8"));
    expect(stdout).toContain(imageSummary(report.images!).join("\n"));
    expect(report).toMatchObject({ step: 2, sampling: { guidance: 1.2, nfe: 4 } });
    expect(report.images!.count).toEqual({ samples: 20, training: 3823, test: 20 });
    // two steps teach nothing: noise is far from digits, and no digit
    expect(report.images!.recognised.samples.value).toBeLessThan(0.6);
    expect(report.images!.recognised.test.value).toBeGreaterThan(0.8);
    expect(report.images!.energyDistance.ratio).toBeGreaterThan(3);
    expect(report.images!.nearestTraining.difference.value).toBeGreaterThan(1);
    for (const name of ["samples", "data", "loss", "guidance"]) {
      expect(report.figures).toContain(`${name}.svg`);
      expect(report.figures).toContain(`${name}-dark.png`);
    }

    const sampled = await advect(["sample", to, "--count", "16", "--guidance", "2", "--json"]);
    expect(JSON.parse(sampled.stdout)).toMatchObject({ images: { count: { samples: 16, test: 16 } } });
    // samples of one class are not compared with images of all
    const threes = await advect(["sample", to, "--count", "16", "--label", "3", "--json", "--no-figure"]);
    expect(JSON.parse(threes.stdout)).toMatchObject({ count: 16, images: null });
  });

  test("says nothing about samples that are too few to judge", async () => {
    const recipe = recipeOf("optdigits");
    const data = await loadImages(recipe);
    const judged = (count: number) => {
      const samples = zeros([count, 1, 8, 8]);
      const labels = zeros([count], "int32");
      return reportImages({ recipe, maximum: 16 }, { samples, labels, x0: samples, times: [], nfe: 0 }, data);
    };
    expect(judged(15)).toBeNull();
    expect(judged(16)!.count.samples).toBe(16);
  });
});

describe("the recipe mnist", () => {
  test("learns the training files and judges by the test files", async () => {
    const narrow = ["model.widths=[8,8,8]", `data.folder=${mnist}`];
    const { step, report } = await run(recipeOf("mnist", [...brief, ...narrow]));
    expect(step).toBe(2);
    expect(report.images!.count).toEqual({ samples: 20, training: 40, test: 20 });
  });

  test("learns the test files alone, and judges by what it keeps of them", async () => {
    const set = [`data.folder=${mnist}`, "data.part=t10k", "training.validation.part=0.25"];
    const recipe = recipeOf("mnist", set);
    const data = await loadImages(recipe);
    const { training, test: kept } = realImages(recipe, data, 100)!;
    expect([training.x.shape, kept.x.shape]).toEqual([
      [15, 1, 28, 28],
      [5, 1, 28, 28],
    ]);
    const { distance } = nearestRows({ rows: kept.x, among: training.x });
    expect(Math.min(...distance)).toBeGreaterThan(1);
  });

  test("says where files that are missing can be had", async () => {
    const recipe = recipeOf("mnist", [`data.folder=${folder}/nowhere`]);
    await expect(loadImages(recipe)).rejects.toThrow(
      /nowhere: expected the files of MNIST.*not all of them. They are at https:.*--set data.folder=path/,
    );
  });
});

describe("the recipe cifar10", () => {
  test("trains on the files of the binary version, in colour", async () => {
    const set = [
      "training.batch=4",
      "model.widths=[8,16,16]",
      "model.blocksPerLevel=1",
      `data.folder=${cifar10}`,
    ];
    const { step, report } = await run(recipeOf("cifar10", [...brief, ...set]));
    expect(step).toBe(2);
    expect(report.images!.count).toEqual({ samples: 20, training: 80, test: 16 });
    // noise on random pixels: E|x1 - x0|^2 = 1 + 1/3 while the network still answers nearly 0
    expect(report.loss).toBeCloseTo(4 / 3, 1);
  });

  test("has the 32x32 U-Net of diffusion models, of 25 million parameters", async () => {
    const recipe = recipeOf("cifar10", [`data.folder=${cifar10}`]);
    const { sizes } = await loadImages(recipe);
    expect(sizes).toEqual({ shape: [3, 32, 32], classes: 10, conditionSize: 0 });
    const params = leaves<NdArray>(planOf(recipe, sizes).init(key(0)));
    expect(params.reduce((sum, { data }) => sum + data.length, 0)).toBeGreaterThan(2e7);
  });

  test("says where files that are missing can be had", async () => {
    const recipe = recipeOf("cifar10", [`data.folder=${folder}/nowhere`]);
    await expect(loadImages(recipe)).rejects.toThrow(/the files of CIFAR-10.*cifar-10-binary.tar.gz/);
  });
});

describeWithShared("the 10,000 test images of MNIST", () => {
  test("are learned by the recipe, digit by digit", async () => {
    const set = [`data.folder=${shared("mnist_t10k")}`, "data.part=t10k", "training.validation.part=0.1"];
    const narrow = ["model.widths=[8,8,8]", "training.batch=32", "training.steps=40", "sampling.count=20"];
    const fast = ["training.learningRate={kind: cosine, from: 5.0e-3}", "sampling.steps=2"];
    const recipe = recipeOf("mnist", [...set, ...narrow, ...fast, "training.log.every=10"]);
    const { loss } = await trainRecipe({ recipe, folder: join(folder, "mnist-run"), threads: 1 });
    expect(loss).toBeLessThan(0.9);
    const { training, test: kept } = realImages(recipe, await loadImages(recipe), 20)!;
    expect([training.x.shape, kept.x.shape]).toEqual([
      [9000, 1, 28, 28],
      [20, 1, 28, 28],
    ]);
  });
});
