import { AdvectError } from "../../engine/error.ts";
import type { Files } from "../../engine/platform/index.ts";
import type { Episodes } from "./episodes.ts";
import { platformFiles } from "./files.ts";
import { readFrames } from "./frames.ts";
import { type Info, parseInfo } from "./info.ts";
import { loadLeRobot } from "./lerobot.ts";
import { type Meta, type MetaRequest, readFirst } from "./meta.ts";
import { type ParquetTable, parseParquet } from "./parquet.ts";
import { findProblems, type Problem, statisticProblems } from "./problems.ts";
import { loadReplay, type ReplayOptions } from "./replay.ts";
import { readMetaV2 } from "./v2.ts";
import { readMetaV3 } from "./v3.ts";

export interface Validation {
  /** Errors first. */
  readonly problems: readonly Problem[];
  /** What could be read; undefined where nothing can be made of the files. */
  readonly set?: Episodes;
}

/**
 * Looks for what is wrong with a data set: missing and damaged files, counts, gaps in timestamps, boundaries of
 * episodes, element types, values that are not finite, statistics of other data. It never throws for what is in files.
 */
export async function validateEpisodes(path: string, options: ReplayOptions = {}): Promise<Validation> {
  const problems: Problem[] = [];
  const folder = path.replace(/\/+$/, "");
  const isReplay = /\.(zarr|zip|npz)$/.test(folder);
  const set = isReplay
    ? await attempt(problems, folder, () => loadReplay(folder, options))
    : await validateLeRobot(folder, { files: options.files ?? platformFiles, problems });
  if (set) problems.push(...findProblems(set), ...(isReplay ? [] : statisticProblems(set)));
  const rank = ({ severity }: Problem) => (severity === "error" ? 0 : 1);
  return { problems: problems.toSorted((a, b) => rank(a) - rank(b)), ...(set && { set }) };
}

/** What `fn` returns, or an entry in the list. */
async function attempt<T>(problems: Problem[], where: string, fn: () => Promise<T>): Promise<T | undefined> {
  try {
    return await fn();
  } catch (error) {
    if (!(error instanceof AdvectError) || error.kind === "option") throw error;
    problems.push({ severity: "error", where, message: error.message });
    return undefined;
  }
}

interface Found {
  readonly files: Files;
  readonly problems: Problem[];
}

async function validateLeRobot(folder: string, { files, problems }: Found): Promise<Episodes | undefined> {
  const path = `${folder}/meta/info.json`;
  const info = await attempt(problems, path, async () => parseInfo(await files.readFile(path), path));
  if (!info) return undefined;
  const request = { folder, info, files };
  const read = info.version === "v3.0" ? readMetaV3 : readMetaV2;
  const meta = await attempt(problems, `${folder}/meta`, () => read(request));
  if (!meta) return undefined;
  problems.push(...countProblems(info, meta), ...(await videoProblems(request, meta)));
  const whole = await dataProblems(request, meta, problems);
  return whole ? attempt(problems, folder, () => loadLeRobot(folder, { files })) : undefined;
}

/** info.json must count what the other files hold. */
function countProblems(info: Info, { episodes, tasks }: Meta): Problem[] {
  const frames = episodes.reduce((sum, { start, end }) => sum + end - start, 0);
  const counts = [
    ["total_episodes", info.totalEpisodes, episodes.length],
    ["total_frames", info.totalFrames, frames],
    ["total_tasks", info.totalTasks ?? tasks.length, tasks.length],
  ] as const;
  const wrong = counts.flatMap(([name, said, found]): Problem[] =>
    said === found
      ? []
      : [{ severity: "error", where: "meta/info.json", message: `${name} is ${said}; there are ${found}.` }],
  );
  const splits = Object.entries(info.splits ?? {}).flatMap(([name, range]): Problem[] => {
    const last = Number(range.split(":")[1]);
    if (last <= episodes.length) return [];
    const message = `Its split ${name} is ${range}; there are ${episodes.length} episodes.`;
    return [{ severity: "warning", where: "meta/info.json", message }];
  });
  return [...wrong, ...splits];
}

/** Cameras without files, and files that are not there. */
async function videoProblems({ info, files }: MetaRequest, { episodes }: Meta): Promise<Problem[]> {
  const found: Problem[] = [];
  const keys = Object.keys(info.features).filter((key) => info.features[key]!.dtype === "video");
  for (const key of keys) {
    const parts = episodes.map(({ videos }) => videos?.[key]?.path);
    const without = parts.filter((path) => path === undefined).length;
    if (without > 0) {
      const message = `${without} of ${episodes.length} episodes have no video of it.`;
      found.push({ severity: without === parts.length ? "warning" : "error", where: key, message });
    }
    for (const path of new Set(parts.filter((part) => part !== undefined))) {
      if (await isThere(path, files)) continue;
      found.push({ severity: "error", where: path, message: "The file is missing." });
    }
  }
  return found;
}

async function isThere(path: string, files: Files): Promise<boolean> {
  const cut = path.lastIndexOf("/");
  return (await files.listFolder(path.slice(0, cut))).includes(path.slice(cut + 1));
}

/** Every data file by itself, so that all damaged ones are told; true when all are whole. */
async function dataProblems(
  { info, files, folder }: MetaRequest,
  { dataFiles }: Meta,
  problems: Problem[],
): Promise<boolean> {
  const before = problems.length;
  const mixed = new Map<string, string>();
  for (const candidates of dataFiles) {
    await attempt(problems, candidates[0]!, async () => {
      const { bytes, path } = await readFirst(candidates, files);
      const table = parseParquet(bytes, path);
      await readFrames(table, { features: info.features, where: path });
      for (const [key, type] of mixedTypes(table, info)) mixed.set(key, type);
    });
  }
  const whole = problems.length === before;
  for (const [key, message] of mixed) problems.push({ severity: "warning", where: key, message });
  if (info.version === "v3.0") problems.push(...(await strayFiles({ folder, files, dataFiles })));
  return whole;
}

const physical: Readonly<Record<string, string>> = {
  float32: "FLOAT",
  float64: "DOUBLE",
  int64: "INT64",
  int32: "INT32",
  bool: "BOOLEAN",
};

/** Features whose columns are of another type than info.json says; columns that it does not know. */
function mixedTypes(table: ParquetTable, { features }: Info): [string, string][] {
  const wrong = Object.entries(features).flatMap(([key, { dtype }]): [string, string][] => {
    const [expected, found] = [physical[dtype], table.physicalType(key)];
    return expected && found && expected !== found
      ? [[key, `meta/info.json says ${dtype}; the files hold ${found}.`]]
      : [];
  });
  const unknown = table.names.filter((name) => !Object.hasOwn(features, name));
  return [
    ...wrong,
    ...unknown.map((name): [string, string] => [
      name,
      "meta/info.json has no such feature: LeRobot will not open it.",
    ]),
  ];
}

/** LeRobot reads every file that it finds. */
async function strayFiles({
  folder,
  files,
  dataFiles,
}: Pick<MetaRequest, "folder" | "files"> & Pick<Meta, "dataFiles">): Promise<Problem[]> {
  const known = new Set(dataFiles.flat());
  const found: Problem[] = [];
  for (const chunk of await files.listFolder(`${folder}/data`)) {
    const names = await files.listFolder(`${folder}/data/${chunk}`).catch((): string[] => []);
    for (const name of names) {
      const path = `${folder}/data/${chunk}/${name}`;
      if (known.has(path)) continue;
      found.push({ severity: "warning", where: path, message: "No episode is in this file." });
    }
  }
  return found;
}
