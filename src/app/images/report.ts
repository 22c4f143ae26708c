import { key } from "../../engine/random/index.ts";
import type { RunOptions } from "../../engine/runtime/index.ts";
import type { Figure } from "../../figure/index.ts";
import type { Data } from "../build/data.ts";
import type { LoadedRun } from "../run/load.ts";
import { type RunSamples, sampleRun } from "../run/sample.ts";
import { evaluateImages, type ImageReport } from "./evaluate.ts";
import { guidanceFigure } from "./guidance-figure.ts";
import { asImages, realImages } from "./sides.ts";

const fewest = 16;

/**
 * Compares samples of a run with its data; null for fewer than 16 samples, for data without a
 * test part, and for recipes of other kinds. Samples are
 * rounded to the levels of the data's pixels before. Throws "numerical" for samples that are not finite.
 */
export function reportImages(
  { recipe, maximum = 255 }: Pick<LoadedRun, "recipe" | "maximum">,
  { samples, labels }: RunSamples,
  data: Data,
): ImageReport | null {
  if (recipe.kind !== "images") return null;
  const count = samples.shape[0]!;
  const real = realImages(recipe, data, Math.max(count, fewest));
  if (!real || !labels || count < fewest || real.test.x.shape[0]! < fewest) return null;
  return evaluateImages({
    samples: { x: asImages(samples, maximum), labels },
    ...real,
    key: key(recipe.seed).fold("image report"),
  });
}

const rowsPerClass = 3;

/**
 * What guidance does: the same noise, class by class, at scales from none to strong, the recipe's own among them. No
 * figure for recipes without guidance.
 */
export async function guidanceFigures(
  run: LoadedRun,
  options: RunOptions = {},
): Promise<{ readonly guidance?: Figure }> {
  const { recipe, sizes } = run;
  const { guidance: own } = recipe.sampling;
  if (recipe.kind !== "images" || !own) return {};
  const scales = [...new Set([0, 1, own.scale, 2, 4])].sort((a, b) => a - b);
  const grids = [];
  for (const scale of scales) {
    const guidance = { ...own, scale };
    const { samples } = await sampleRun(run, { ...options, count: rowsPerClass * sizes.classes, guidance });
    grids.push({ scale, images: samples });
  }
  return {
    guidance: guidanceFigure(grids, { title: `${recipe.name}: guidance`, classes: sizes.classes }),
  };
}
