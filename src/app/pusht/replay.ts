import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { type Episode, type Point, pushT, rasterize, type Scene } from "../../robot/index.ts";
import { type Rgb, type Tile, tiled } from "./tiles.ts";

const red: Rgb = [222, 60, 60];
const green: Rgb = [60, 168, 90];
const gray: Rgb = [168, 172, 180];
const failedBelow = 0.8;

/** Green for success, red below a reward of 0.8, gray between. */
export function colorOf({ success, maxReward }: Pick<Episode, "success" | "maxReward">): Rgb {
  if (success) return green;
  return maxReward < failedBelow ? red : gray;
}

/** Scenes of an episode from its start on, one for every `every` steps and the last, played again from its seed. */
export function replayed({ seed, actions }: Episode, every = 1): Scene[] {
  const world = pushT();
  world.reset({ seed });
  const scenes = [world.scene()];
  actions.forEach((action, i) => {
    world.step(ndarray(Float64Array.from(action), [2]));
    if ((i + 1) % every === 0 || i + 1 === actions.length) scenes.push(withTarget(world.scene(), action));
  });
  return scenes;
}

/** Where the agent was told to go. */
function withTarget(scene: Scene, [x, y]: readonly number[]): Scene {
  return { ...scene, marks: [...scene.marks, { kind: "disc", center: [x!, y!], radius: 6, color: red }] };
}

/** In fewer pixels, which are drawn faster. */
function scaled({ width, height, background, marks }: Scene, factor: number): Scene {
  const at = ([x, y]: Point): Point => [factor * x, factor * y];
  return {
    width: Math.round(factor * width),
    height: Math.round(factor * height),
    background,
    marks: marks.map((mark): SceneMark => {
      if (mark.kind === "polygon") return { ...mark, points: mark.points.map(at) };
      if (mark.kind === "disc") return { ...mark, center: at(mark.center), radius: factor * mark.radius };
      return { ...mark, from: at(mark.from), to: at(mark.to), width: factor * mark.width };
    }),
  };
}

type SceneMark = Scene["marks"][number];

export interface ReplayOptions {
  /** Pixels of an episode's side; 160 unless given. */
  readonly size?: number;
  /** Steps from frame to frame; 2 unless given. */
  readonly every?: number;
  /** Episodes in a row; 3 unless given. */
  readonly columns?: number;
}

/** Episodes beside each other as frames [height, width, 3]; those that end early stand still. */
export function replayFrames(
  episodes: readonly Episode[],
  { size = 160, every = 2, columns = 3 }: ReplayOptions = {},
): NdArray<"uint8">[] {
  const films = episodes.map((episode) => {
    const images = replayed(episode, every).map((scene) =>
      rasterize(scaled(scene, (2 * size) / scene.width), { width: size, height: size }),
    );
    return { images, color: colorOf(episode) };
  });
  const length = Math.max(...films.map(({ images }) => images.length));
  return Array.from({ length }, (_, i) => {
    const tiles = films.map(({ images, color }): Tile => {
      const over = i >= images.length - 1;
      return { image: images[Math.min(i, images.length - 1)]!, color: over ? color : gray };
    });
    return tiled(tiles, { columns });
  });
}

/** The last frames of all episodes: [height, width, 3]. */
export function contactSheet(
  episodes: readonly Episode[],
  { size = 96, columns = 10 }: Omit<ReplayOptions, "every"> = {},
): NdArray<"uint8"> {
  const tiles = episodes.map((episode): Tile => {
    const image = rasterize(replayed(episode, episode.steps).at(-1)!, { width: size, height: size });
    return { image, color: colorOf(episode) };
  });
  return tiled(tiles, { columns });
}
