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
 * Compares samples of a run with its data; null for fewer than 16 samples, and for data without a test part. Samples are
 * rounded to the levels of the data's pixels before. Throws "numerical" for samples that are not finite.
 */
export function reportImages(
  { recipe, maximum = 255 }: Pick<LoadedRun, "recipe" | "maximum">,
  { samples, labels }: RunSamples,
  data: Data,
): ImageReport | null {
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

/** What guidance does: the same noise, class by class, at scales from none to strong, the recipe's own among them. */
export async function guidanceOf(run: LoadedRun, options: RunOptions = {}): Promise<Figure> {
  const { recipe, sizes } = run;
  const { interval, scale: own = 1 } = recipe.sampling.guidance ?? {};
  const scales = [...new Set([0, 1, own, 2, 4])].sort((a, b) => a - b);
  const grids = [];
  for (const scale of scales) {
    const guidance = { scale, ...(interval && { interval }) };
    const { samples } = await sampleRun(run, { ...options, count: rowsPerClass * sizes.classes, guidance });
    grids.push({ scale, images: samples });
  }
  return guidanceFigure(grids, { title: `${recipe.name}: guidance`, classes: sizes.classes });
}
