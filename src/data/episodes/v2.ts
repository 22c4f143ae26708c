import { isRecord } from "../../engine/array/json.ts";
import { malformed } from "../../engine/array/malformed.ts";
import type { Episode, VideoPart } from "./episodes.ts";
import { fillTemplate, type Info } from "./info.ts";
import { type Meta, type MetaRequest, parseJsonLines } from "./meta.ts";

const dataPath = "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet";
const videoPath = "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4";

/** meta/ of a LeRobotDataset v2.0 or v2.1: a file an episode, and lines of JSON. */
export async function readMetaV2({ folder, info, files }: MetaRequest): Promise<Meta> {
  const tasksPath = `${folder}/meta/tasks.jsonl`;
  const tasks = readTaskLines(parseJsonLines(await files.readFile(tasksPath), tasksPath), tasksPath);
  const path = `${folder}/meta/episodes.jsonl`;
  const lines = parseJsonLines(await files.readFile(path), path).map((line, i) => episodeLine(line, i, path));
  let next = 0;
  const episodes: Episode[] = [];
  for (const { index, length, tasks: own } of lines) {
    const videos = await videoParts({ index, length }, { folder, info, files });
    episodes.push({ index, start: next, end: (next += length), tasks: own, ...(videos && { videos }) });
  }
  const dataFiles = lines.map(({ index }) =>
    places({ template: info.dataPath, usual: dataPath, index, folder, info }),
  );
  return { tasks, episodes, dataFiles };
}

interface EpisodeLine {
  readonly index: number;
  readonly length: number;
  readonly tasks: readonly string[];
}

function episodeLine(line: unknown, i: number, where: string): EpisodeLine {
  const { episode_index: index, length, tasks } = isRecord(line) ? line : {};
  const right = [index, length].every((value) => Number.isSafeInteger(value) && (value as number) >= 0);
  if (right && (length as number) > 0 && (tasks === undefined || Array.isArray(tasks))) {
    return { index: index as number, length: length as number, tasks: (tasks ?? []).map(String) };
  }
  throw malformed(where, `line ${i + 1}`, {
    expected: "episode_index, length >= 1 and a list of tasks",
    got: JSON.stringify(line) ?? "nothing",
  });
}

function readTaskLines(lines: readonly unknown[], where: string): string[] {
  const tasks: string[] = [];
  lines.forEach((line, i) => {
    const { task_index: place, task } = isRecord(line) ? line : {};
    const right = Number.isSafeInteger(place) && (place as number) >= 0 && (place as number) < lines.length;
    if (!right || typeof task !== "string" || tasks[place as number] !== undefined) {
      throw malformed(where, `line ${i + 1}`, {
        expected: `a task and its own task_index below ${lines.length}`,
        got: JSON.stringify(line) ?? "nothing",
      });
    }
    tasks[place as number] = task;
  });
  return tasks;
}

interface Places {
  readonly template: string | undefined;
  readonly usual: string;
  readonly index: number;
  readonly folder: string;
  readonly info: Info;
  readonly key?: string;
}

/** Where info.json says the file is, then where LeRobot puts it: published data sets have templates that are wrong. */
function places({ template, usual, index, folder, info, key = "" }: Places): string[] {
  const values = {
    episode_chunk: Math.floor(index / info.chunksSize),
    episode_index: index,
    video_key: key,
  };
  const paths = [template ?? usual, usual].map((text) => `${folder}/${fillTemplate(text, values, folder)}`);
  return [...new Set(paths)];
}

/** Of the features that have a file; a data set may describe cameras that it does not hold. */
async function videoParts(
  { index, length }: Omit<EpisodeLine, "tasks">,
  { folder, info, files }: MetaRequest,
): Promise<Record<string, VideoPart> | undefined> {
  const found: Record<string, VideoPart> = {};
  for (const [key, { dtype }] of Object.entries(info.features)) {
    if (dtype !== "video") continue;
    const candidates = places({ template: info.videoPath, usual: videoPath, index, folder, info, key });
    const path = await firstThere(candidates, files);
    if (path) found[key] = { path, fromSeconds: 0, toSeconds: length / info.fps };
  }
  return Object.keys(found).length > 0 ? found : undefined;
}

async function firstThere(
  candidates: readonly string[],
  files: MetaRequest["files"],
): Promise<string | undefined> {
  for (const path of candidates) {
    const cut = path.lastIndexOf("/");
    const names = await files.listFolder(path.slice(0, cut)).catch((): string[] => []);
    if (names.includes(path.slice(cut + 1))) return path;
  }
  return undefined;
}
