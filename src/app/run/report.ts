import { type NdArray, npzBytes } from "../../engine/array/index.ts";
import { type Key, key } from "../../engine/random/index.ts";
import type { RunOptions } from "../../engine/runtime/index.ts";
import { type Distance, type Estimate, energyDistance, estimate, wasserstein2 } from "../../metrics/index.ts";
import { platformFiles } from "../../train/files.ts";
import { readLog } from "../../train/index.ts";
import type { Data } from "../build/data.ts";
import { guidanceFigures, type ImageReport, reportImages } from "../images/index.ts";
import { kinds } from "../kinds.ts";
import { drawn } from "./draw.ts";
import { dataPoints, lossFigures, sampleFigures } from "./figures.ts";
import { jsonBytes, runFolder } from "./folder.ts";
import { type LoadedRun, type LoadRequest, loadRun } from "./load.ts";
import { type RunSamples, sampleRun } from "./sample.ts";

export interface ReportRequest extends LoadRequest, RunOptions {}

/** A distance of samples to the data, and of the data to itself. */
export interface Compared {
  readonly samples: Estimate;
  readonly floor: Estimate;
}

/** Numbers about a run, as report.json keeps them. */
export interface RunReport {
  readonly name: string;
  readonly kind: string;
  readonly method: string;
  readonly model: string;
  readonly step: number;
  readonly seconds: number;
  readonly loss: number | null;
  readonly validation: number | null;
  readonly parameters: number;
  readonly sampling: {
    readonly solver: string;
    readonly count: number;
    readonly nfe: number;
    readonly guidance: number | null;
  };
  /** For points, from at most 1000 of each: see advect/metrics. */
  readonly distances: { readonly energy: Compared; readonly wasserstein2: Compared } | null;
  /** Of samples beside test images: for images. */
  readonly images: ImageReport | null;
  /** Files in figures/. */
  readonly figures: readonly string[];
}

/**
 * Samples a run, and writes samples.npz, figures/ and report.json into its folder. Data that cannot be read any more are
 * left out of the pictures, and `warn` is told. Throws as `loadRun` and `sampleRun`.
 */
export async function reportRun(folder: string, request: ReportRequest = {}): Promise<RunReport> {
  const { files = platformFiles, warn = () => {}, device, threads } = request;
  const run = await loadRun(folder, request);
  const data = await dataOf(run, warn);
  const options = { ...(device && { device }), ...(threads !== undefined && { threads }) };
  const samples = await sampleRun(run, { ...options, source: data?.source });
  const pictures = {
    ...(await allFigures(run, { folder, samples, data, files })),
    ...(await guidanceFigures(run, options)),
  };
  const figures = await drawn(pictures, warn);
  const report = reportOf(run, { samples, data, figures: Object.keys(figures) });
  const paths = runFolder(folder);
  await files.writeFileAtomic(paths.samples, samplesBytes(samples));
  await files.writeFolderAtomic(paths.figures, figures);
  await files.writeFileAtomic(paths.report, jsonBytes(report));
  return report;
}

/** x0, samples and what they were told, as an npz. */
export function samplesBytes({ x0, samples, labels, vector }: RunSamples): Uint8Array {
  return npzBytes({ samples, x0, ...(labels && { labels }), ...(vector && { condition: vector }) });
}

/** The data of a run, if they can be read. */
export async function dataOf(
  { recipe }: Pick<LoadedRun, "recipe">,
  warn: (message: string) => void,
): Promise<Data | undefined> {
  try {
    return await kinds[recipe.kind].load(recipe);
  } catch (error) {
    warn(`The data are not shown: ${(error as Error).message}`);
    return undefined;
  }
}

interface Shown {
  readonly samples: RunSamples;
  readonly data: Data | undefined;
}

async function allFigures(
  run: LoadedRun,
  { folder, samples, data, files }: Shown & { folder: string; files: NonNullable<LoadRequest["files"]> },
) {
  const names = await files.listFolder(folder);
  const log = names.includes("log.jsonl") ? await readLog(runFolder(folder).log, files) : [];
  return { ...lossFigures(log), ...(await sampleFigures(run, samples, data)) };
}

function reportOf(
  run: LoadedRun,
  { samples, data, figures }: Shown & { figures: readonly string[] },
): RunReport {
  const { recipe, checkpoint } = run;
  const { progress } = checkpoint;
  const parameters = Object.values(checkpoint.model).reduce((sum, { data: { length } }) => sum + length, 0);
  return {
    name: recipe.name,
    kind: recipe.kind,
    method: recipe.method.kind,
    model: recipe.model.kind,
    step: progress.step,
    seconds: progress.seconds,
    loss: progress.metrics.loss ?? null,
    validation: progress.metrics.validation ?? null,
    parameters,
    sampling: {
      solver: recipe.sampling.solver.kind,
      count: samples.samples.shape[0]!,
      nfe: samples.nfe,
      guidance: recipe.sampling.guidance?.scale ?? null,
    },
    distances: data && recipe.kind === "points" ? distances(run, samples, data) : null,
    images: data && recipe.kind === "images" ? reportImages(run, samples, data) : null,
    figures,
  };
}

const compared = 1000;

function distances(run: LoadedRun, { samples }: RunSamples, data: Data): RunReport["distances"] {
  const reference = flat(dataPoints(run, data, 2 * compared));
  const half = Math.min(compared, Math.floor(reference.shape[0]! / 2), samples.shape[0]!);
  if (half < 16) return null;
  const own: Key = key(run.recipe.seed).fold("report");
  const head = rows(reference, 0, half);
  const to = (found: NdArray, distance: Distance) =>
    estimate({ distance, pair: { samples: found, reference: head }, key: own });
  const by = (distance: Distance) => ({
    samples: to(rows(flat(samples), 0, half), distance),
    floor: to(rows(reference, half, 2 * half), distance),
  });
  return { energy: by(energyDistance), wasserstein2: by(wasserstein2) };
}

const flat = (x: NdArray): NdArray =>
  ({ ...x, shape: [x.shape[0]!, x.data.length / x.shape[0]!] }) as NdArray;

function rows(x: NdArray, from: number, to: number): NdArray {
  const width = x.shape[1]!;
  return { ...x, shape: [to - from, width], data: x.data.subarray(from * width, to * width) } as NdArray;
}
