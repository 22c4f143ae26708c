import { AdvectError } from "../../engine/error.ts";
import { platformFiles } from "../../train/files.ts";
import { readLog } from "../../train/index.ts";
import type { Data } from "../build/data.ts";
import { guidanceFigures } from "../images/index.ts";
import { suggestion } from "../recipe/index.ts";
import { drawn } from "./draw.ts";
import { type Figures, lossFigures, sampleFigures } from "./figures.ts";
import { runFolder } from "./folder.ts";
import { type LoadedRun, loadRun } from "./load.ts";
import { dataOf, type ReportRequest } from "./report.ts";
import { type RunSamples, sampleRun } from "./sample.ts";

export interface PlotRequest extends ReportRequest {
  /** Names of figures, such as "loss"; all of them unless given. */
  readonly only?: readonly string[];
}

/**
 * The figures of a run as files by name, as they are at this moment, also while it trains: samples.svg, samples-dark.svg
 * … Throws "option" for a name that it has no figure of, and as `loadRun` and `sampleRun`.
 */
export async function plotRun(
  folder: string,
  request: PlotRequest = {},
): Promise<Record<string, Uint8Array>> {
  const { files = platformFiles, only = [], warn = () => {} } = request;
  const names = await files.listFolder(folder);
  const log = names.includes("log.jsonl") ? await readLog(runFolder(folder).log, files) : [];
  const losses = lossFigures(log);
  const enough = only.length > 0 && only.every((name) => name in losses);
  const all = enough ? losses : { ...losses, ...(await shown(folder, request)) };
  return drawn(chosen(all, only), warn);
}

async function shown(folder: string, request: PlotRequest): Promise<Figures> {
  const { warn = () => {}, device, threads } = request;
  const run = await loadRun(folder, request);
  const data = await dataOf(run, warn);
  const options = { ...(device && { device }), ...(threads !== undefined && { threads }) };
  const samples = await sampleRun(run, { ...options, source: data?.source });
  return { ...(await sampleFigures(run, samples, data)), ...(await guidanceFigures(run, options)) };
}

function chosen(all: Figures, only: readonly string[]): Figures {
  if (only.length === 0) return all;
  const wrong = only.find((name) => !Object.hasOwn(all, name));
  if (wrong === undefined) return Object.fromEntries(only.map((name) => [name, all[name]!]));
  const near = suggestion(wrong, Object.keys(all));
  throw new AdvectError("option", "plot", {
    expected: `figures among ${Object.keys(all).join(", ")}`,
    got: wrong,
    ...(near && { fix: `Did you mean ${near}?` }),
  });
}

/** What a picture of samples shows. */
export interface ShownSamples {
  readonly run: LoadedRun;
  readonly samples: RunSamples;
  readonly data: Data | undefined;
}

/** The picture of samples as files by the ends of their names: ".svg", "-dark.svg" … None for samples in one dimension. */
export async function samplesPicture(
  { run, samples, data }: ShownSamples,
  warn: (message: string) => void,
): Promise<Record<string, Uint8Array>> {
  const { samples: figure } = await sampleFigures(run, samples, data);
  return figure ? drawn({ "": figure }, warn) : {};
}
