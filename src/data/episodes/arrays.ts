import { type DType, type NdArray, sizeOf } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { type Episode, type Episodes, type Feature, mapValues } from "./episodes.ts";

/** Arrays of the frames of all episodes, one after another. */
export interface EpisodeArrays {
  /** [frames, ...shape] by feature name; [frames] is taken as [frames, 1]. */
  readonly arrays: Readonly<Record<string, NdArray<DType>>>;
  /** The row after the last one of each episode, ascending: diffusion_policy's meta/episode_ends. */
  readonly episodeEnds: ArrayLike<number | bigint>;
  readonly fps: number;
  /** What is asked of the robot, in words; of all episodes. */
  readonly task?: string;
  readonly robotType?: string;
  readonly name?: string;
  /** What the elements of a feature are called. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
}

/** Arrays as episodes, without a copy. Throws "shape" for arrays of other lengths, "option" for ends or fps that cannot be. */
export function episodesFromArrays(given: EpisodeArrays): Episodes {
  const { fps, task = "", robotType, name = "arrays", names = {} } = given;
  const arrays = mapValues(given.arrays, withFeatureAxis);
  const rows = Object.values(arrays)[0]?.shape[0] ?? 0;
  checkArrays(arrays, rows, name);
  if (!(fps > 0 && Number.isFinite(fps))) {
    throw new AdvectError("option", name, { expected: "frames per second > 0", got: fps });
  }
  return {
    name,
    fps,
    features: mapValues(arrays, (array, key) => featureOf(array, names[key])),
    columns: arrays,
    texts: {},
    images: {},
    episodes: episodesFromEnds(given.episodeEnds, { rows, task, name }),
    tasks: [task],
    ...(robotType && { robotType }),
  };
}

function withFeatureAxis(array: NdArray<DType>): NdArray<DType> {
  return array.shape.length === 1 ? { ...array, shape: [array.shape[0]!, 1] } : array;
}

function featureOf(array: NdArray<DType>, names: readonly string[] | undefined): Feature {
  return { dtype: array.dtype, shape: array.shape.slice(1), ...(names && { names }) };
}

function checkArrays(arrays: Readonly<Record<string, NdArray<DType>>>, rows: number, name: string): void {
  const wrong = Object.entries(arrays).find(([, { shape }]) => shape[0] !== rows || rows === 0);
  if (!wrong && rows > 0) return;
  throw new AdvectError("shape", name, {
    expected: `arrays of the same number of frames, at least one`,
    got: wrong ? `${wrong[0]} of shape [${wrong[1].shape}]` : "no array",
  });
}

function episodesFromEnds(
  ends: ArrayLike<number | bigint>,
  { rows, task, name }: { readonly rows: number; readonly task: string; readonly name: string },
): Episode[] {
  const list = Array.from(ends, Number);
  const rising = list.every((end, i) => Number.isSafeInteger(end) && end > (list[i - 1] ?? 0));
  if (!rising || list.at(-1) !== rows) {
    throw new AdvectError("option", name, {
      expected: `ascending ends of episodes, the last one ${rows}`,
      got: list.length > 8 ? `${list.slice(0, 8)}, …, ${list.at(-1)}` : list,
    });
  }
  return list.map((end, index) => ({ index, start: list[index - 1] ?? 0, end, tasks: [task] }));
}

/** diffusion_policy and d4rl names -> LeRobot's; what is not here is an observation. */
const usualNames: Readonly<Record<string, string>> = {
  action: "action",
  actions: "action",
  state: "observation.state",
  observations: "observation.state",
  reward: "next.reward",
  rewards: "next.reward",
  keypoint: "observation.environment_state",
};

/** The feature that an array of a replay buffer is called by; names with a dot stay as they are. */
export function featureName(array: string): string {
  if (Object.hasOwn(usualNames, array)) return usualNames[array]!;
  return array.includes(".") ? array : `observation.${array}`;
}

/**
 * Arrays by the names of the file they come from, as those of an npz: `episode_ends` says where episodes end, arrays
 * of as many rows as frames become features by `featureName`, others are left out. Throws as `episodesFromArrays`;
 * "format" without episode_ends.
 */
export function episodesFromReplay(
  arrays: Readonly<Record<string, NdArray<DType>>>,
  options: Omit<EpisodeArrays, "arrays" | "episodeEnds">,
): Episodes {
  const ends = arrays.episode_ends;
  if (!ends || ends.data.length === 0) {
    throw new AdvectError("format", options.name ?? "episodesFromReplay", {
      expected: "an array episode_ends",
      got: Object.keys(arrays).join(", ") || "no array",
      fix: "Add the row after the last one of each episode.",
    });
  }
  const rows = Number(ends.data.at(-1));
  const kept = Object.entries(arrays).filter(
    ([key, { shape }]) => key !== "episode_ends" && shape.length > 0 && shape[0] === rows,
  );
  const features = Object.fromEntries(kept.map(([key, array]) => [featureName(key), flattened(array)]));
  return episodesFromArrays({ ...options, arrays: features, episodeEnds: ends.data });
}

/** Points [frames, 9, 2] as [frames, 18]: features of one axis are what policies take. Pictures, uint8, stay. */
function flattened(array: NdArray<DType>): NdArray<DType> {
  const [rows = 0, ...rest] = array.shape;
  return rest.length <= 1 || array.dtype === "uint8" ? array : { ...array, shape: [rows, sizeOf(rest)] };
}
