import { z } from "zod";
import { parseJson } from "../../engine/array/json.ts";
import { decodeUtf8, malformed, unsupported } from "../../engine/array/malformed.ts";
import type { Feature } from "./episodes.ts";

const count = z.number().int().nonnegative();

const featureSchema = z.looseObject({
  dtype: z.string(),
  shape: z.array(count),
  names: z.unknown().optional(),
  info: z.unknown().optional(),
  video_info: z.unknown().optional(),
});

const infoSchema = z.looseObject({
  codebase_version: z.string(),
  fps: z.number().positive(),
  features: z.record(z.string(), featureSchema),
  total_episodes: count,
  total_frames: count,
  total_tasks: count.optional(),
  chunks_size: z.number().int().positive().default(1000),
  data_path: z.string().nullish(),
  video_path: z.string().nullish(),
  robot_type: z.string().nullish(),
  splits: z.record(z.string(), z.string()).nullish(),
});

/** meta/info.json of a LeRobotDataset. */
export interface Info {
  readonly version: "v2.0" | "v2.1" | "v3.0";
  readonly fps: number;
  readonly features: Readonly<Record<string, Feature>>;
  readonly totalEpisodes: number;
  readonly totalFrames: number;
  readonly totalTasks?: number;
  /** Files in a folder. */
  readonly chunksSize: number;
  readonly dataPath?: string;
  readonly videoPath?: string;
  readonly robotType?: string;
  readonly splits?: Readonly<Record<string, string>>;
}

/** Throws "format", naming the field; "unsupported" for versions other than 2.0, 2.1 and 3.x. */
export function parseInfo(bytes: Uint8Array, where: string): Info {
  const parsed = infoSchema.safeParse(parseJson(decodeUtf8(bytes, where, "text"), where, "JSON"));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw malformed(where, issue!.path.join(".") || "JSON", {
      expected: wanted(issue!.message),
      got: "another value",
    });
  }
  const { data } = parsed;
  const features = Object.entries(data.features).map(([name, feature]) => {
    if (name === "" || name === ".." || name === "." || /[/\\]/.test(name)) {
      throw malformed(where, "features", { expected: "names without slashes", got: name });
    }
    return [name, toFeature(feature)] as const;
  });
  return {
    version: versionOf(data.codebase_version, where),
    fps: data.fps,
    features: Object.fromEntries(features),
    totalEpisodes: data.total_episodes,
    totalFrames: data.total_frames,
    chunksSize: data.chunks_size,
    ...(data.total_tasks !== undefined && { totalTasks: data.total_tasks }),
    ...(data.data_path && { dataPath: checkedTemplate(data.data_path, where) }),
    ...(data.video_path && { videoPath: checkedTemplate(data.video_path, where) }),
    ...(data.robot_type && { robotType: data.robot_type }),
    ...(data.splits && { splits: data.splits }),
  };
}

/** "Invalid input: expected string, received undefined" -> "string". */
function wanted(message: string): string {
  return message.replace(/^Invalid input: expected /, "").replace(/, received .*$/, "");
}

function versionOf(text: string, where: string): Info["version"] {
  const version = `v${text.replace(/^v/, "")}`;
  if (version === "v2.0" || version === "v2.1") return version;
  if (/^v3\.\d+$/.test(version)) return "v3.0";
  throw unsupported(where, "codebase_version", text, "v2.0, v2.1 or v3.0");
}

function toFeature({ dtype, shape, names, info, video_info }: z.infer<typeof featureSchema>): Feature {
  const list = nameList(names);
  const about = info ?? video_info;
  return {
    dtype,
    shape,
    ...(list.length > 0 && { names: list }),
    ...(typeof about === "object" && about !== null && { info: about as Record<string, unknown> }),
  };
}

/** A list, or lists by group, as in { motors: [...] }. */
function nameList(names: unknown): string[] {
  if (Array.isArray(names)) return names.map(String);
  if (typeof names !== "object" || names === null) return [];
  return Object.values(names).flatMap((group) => (Array.isArray(group) ? group.map(String) : []));
}

/** A file must not be able to point outside its data set. */
function checkedTemplate(template: string, where: string): string {
  const inside = !/^([/\\]|[a-z]:)/i.test(template) && !template.split(/[/\\]/).includes("..");
  if (inside) return template;
  throw malformed(where, "path", { expected: "a path inside the data set", got: template });
}

/** "chunk-{chunk_index:03d}" with its names replaced by numbers and keys. Throws "format" for a name that has no value. */
export function fillTemplate(
  template: string,
  values: Readonly<Record<string, number | string>>,
  where: string,
): string {
  return template.replace(/\{(\w+)(?::0(\d)d)?\}/g, (_, name: string, width?: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) {
      throw malformed(where, "path", { expected: `names among ${Object.keys(values)}`, got: name });
    }
    return `${value}`.padStart(Number(width ?? 0), "0");
  });
}
