import { parseJson } from "../../engine/array/json.ts";
import { decodeUtf8, malformed } from "../../engine/array/malformed.ts";
import { AdvectError } from "../../engine/error.ts";
import type { Files } from "../../engine/platform/index.ts";
import type { FeatureStatistics } from "./column-statistics.ts";
import type { Episode, Episodes } from "./episodes.ts";
import { platformFiles } from "./files.ts";
import { type Frames, joinFrames, readFrames } from "./frames.ts";
import { parseInfo } from "./info.ts";
import { type Meta, type MetaRequest, readFirst } from "./meta.ts";
import { parseParquet } from "./parquet.ts";
import { statisticsFromJson } from "./statistics-json.ts";
import { readMetaV2 } from "./v2.ts";
import { readMetaV3 } from "./v3.ts";

export interface LoadOptions {
  readonly files?: Files;
}

/**
 * A LeRobotDataset: v3.0, v2.0 or v2.1; a folder, or a URL in browsers. All frames are read, videos only when
 * `loadFrames` asks for them. Throws "io", "format", "unsupported".
 */
export async function loadLeRobot(
  folder: string,
  { files = platformFiles }: LoadOptions = {},
): Promise<Episodes> {
  const infoPath = `${folder}/meta/info.json`;
  const info = parseInfo(await files.readFile(infoPath), infoPath);
  const request = { folder, info, files };
  const meta = info.version === "v3.0" ? await readMetaV3(request) : await readMetaV2(request);
  const { features } = info;
  const frames = await readDataFiles(meta, { features, files });
  checkRanges(meta.episodes, { rows: frames.rows, folder });
  const statistics = await readStatistics(request);
  return {
    name: folder,
    fps: info.fps,
    features,
    columns: frames.columns,
    texts: frames.texts,
    images: frames.images,
    episodes: meta.episodes,
    tasks: meta.tasks,
    ...(info.robotType && { robotType: info.robotType }),
    ...(statistics && { statistics }),
  };
}

async function readDataFiles(
  { dataFiles }: Meta,
  { features, files }: { readonly features: Episodes["features"]; readonly files: Files },
): Promise<Frames> {
  const parts: Frames[] = [];
  for (const candidates of dataFiles) {
    const { bytes, path } = await readFirst(candidates, files);
    parts.push(await readFrames(parseParquet(bytes, path), { features, where: path }));
  }
  return joinFrames(parts, features);
}

function checkRanges(
  episodes: readonly Episode[],
  { rows, folder }: { readonly rows: number; readonly folder: string },
): void {
  for (const { index, start, end } of episodes) {
    if (start < end && end <= rows) continue;
    throw malformed(folder, `episode ${index}`, {
      expected: `rows within 0 to ${rows}`,
      got: `${start} to ${end}`,
    });
  }
}

/** Statistics are optional: a data set without them loads, and what needs them refuses. */
async function readStatistics({
  folder,
  files,
}: MetaRequest): Promise<Record<string, FeatureStatistics> | undefined> {
  const path = `${folder}/meta/stats.json`;
  try {
    const text = decodeUtf8(await files.readFile(path), path, "text");
    return statisticsFromJson(parseJson(withoutNaN(text), path, "JSON"), path);
  } catch (error) {
    if (error instanceof AdvectError && error.kind === "io") return undefined;
    throw error;
  }
}

/** Python writes NaN and Infinity, which JSON has no words for: null. */
export function withoutNaN(text: string): string {
  return text.replace(/([[,:\s])-?(?:NaN|Infinity)(?=[\],}\s])/g, "$1null");
}
