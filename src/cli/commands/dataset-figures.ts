import { cameraKeys, type Episodes, loadFrames } from "../../data/index.ts";
import type { NdArray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { writeFileAtomic } from "../../engine/platform/index.ts";
import {
  type Curve,
  curvesFigure,
  type Figure,
  figureToPng,
  figureToSvg,
  histogramFigure,
  imageGrid,
} from "../../figure/index.ts";
import { outputFolder } from "../folders.ts";

export interface DrawRequest {
  /** Its place in the data set. */
  readonly episode: number;
  readonly folder: string;
  readonly warn: (message: string) => void;
}

/** Writes the figures of an episode as SVG, and as PNG where that can be drawn; their paths. Throws "option", "io". */
export async function drawEpisode(set: Episodes, { episode, folder, warn }: DrawRequest): Promise<string[]> {
  if (!set.episodes[episode]) {
    throw new AdvectError("option", "--episode", {
      expected: `0 to ${set.episodes.length - 1}`,
      got: episode,
    });
  }
  const figures: Record<string, Figure> = {
    [`episode-${episode}-curves`]: curvesOf(set, episode),
    ...(set.columns.action && { "action-histograms": histogramsOf(set, episode) }),
  };
  for (const key of cameraKeys(set)) {
    try {
      figures[`episode-${episode}-${key}`] = await framesOf(set, { episode, key });
    } catch (error) {
      if (!(error instanceof AdvectError)) throw error;
      warn(`No frames of ${key}. ${error.message}`);
    }
  }
  outputFolder(folder);
  const names: string[] = [];
  for (const [name, figure] of Object.entries(figures)) {
    names.push(...(await writeFigure(`${folder}/${name}`, figure, warn)));
  }
  return names;
}

async function writeFigure(path: string, figure: Figure, warn: DrawRequest["warn"]): Promise<string[]> {
  const svg = figureToSvg(figure);
  await writeFileAtomic(`${path}.svg`, new TextEncoder().encode(svg));
  try {
    await writeFileAtomic(`${path}.png`, await figureToPng(svg));
    return [`${path}.svg`, `${path}.png`];
  } catch (error) {
    if (!(error instanceof AdvectError) || error.kind !== "unsupported") throw error;
    warn(error.message);
    return [`${path}.svg`];
  }
}

const counters = ["timestamp", "frame_index", "episode_index", "index", "task_index"];
/** Curves that one panel shows. */
const mostCurves = 6;

function curvesOf(set: Episodes, place: number): Figure {
  const { start, end, tasks } = set.episodes[place]!;
  const seconds = Float64Array.from({ length: end - start }, (_, i) => i / set.fps);
  const keys = Object.keys(set.columns).filter(
    (key) => !counters.includes(key) && set.columns[key]!.shape.length === 2,
  );
  const panels = keys.flatMap((key) => {
    const curves = elements(set, key).map(
      ({ name, values }): Curve => ({ name, x: seconds, y: values(start, end) }),
    );
    return groups(curves).map((part, i, all) => ({
      title: all.length === 1 ? titled(key, part) : `${titled(key, part)} (${i + 1} of ${all.length})`,
      curves: part,
    }));
  });
  return {
    ...curvesFigure({
      panels,
      xLabel: "time (s)",
      title: `Episode ${place}${tasks[0] ? `: ${tasks[0]}` : ""}`,
      columns: panels.length > 6 ? 2 : 1,
    }),
    legend: [], // names differ from panel to panel: they stand in the titles
  };
}

function titled(key: string, curves: readonly Curve[]): string {
  return curves.length === 1 ? key : `${key}: ${curves.map(({ name }) => name).join(", ")}`;
}

function groups<T>(list: readonly T[]): T[][] {
  const count = Math.ceil(list.length / mostCurves);
  return Array.from({ length: count }, (_, i) => list.slice(i * mostCurves, (i + 1) * mostCurves));
}

interface Element {
  readonly name: string;
  values(start: number, end: number): Float64Array;
}

function elements(set: Episodes, key: string): Element[] {
  const { data, shape } = set.columns[key]!;
  const width = shape[1]!;
  const names = set.features[key]!.names;
  return Array.from({ length: width }, (_, j) => ({
    name: names?.length === width ? names[j]! : `${j}`,
    values: (start, end) =>
      Float64Array.from({ length: end - start }, (_, i) => Number(data[(start + i) * width + j])),
  }));
}

/** Of all episodes and of this one, dimension by dimension. */
function histogramsOf(set: Episodes, place: number): Figure {
  const { start, end } = set.episodes[place]!;
  const rows = set.columns.action!.shape[0]!;
  return histogramFigure({
    title: "Actions",
    columns: 4,
    panels: elements(set, "action").map(({ name, values }) => ({
      title: name,
      histograms: [
        { name: "all episodes", values: values(0, rows) },
        { name: `episode ${place}`, values: values(start, end) },
      ],
    })),
  });
}

/** Frames of a camera that are drawn, spread over the episode. */
const mostFrames = 8;

async function framesOf(
  set: Episodes,
  { episode, key }: { readonly episode: number; readonly key: string },
): Promise<Figure> {
  const { start, end } = set.episodes[episode]!;
  const count = Math.min(mostFrames, end - start);
  const step = count > 1 ? (end - start - 1) / (count - 1) : 0;
  const frames = Array.from({ length: count }, (_, i) => Math.round(i * step));
  const images = await loadFrames(set, { key, episode, frames });
  return imageGrid({
    images: withoutOpacity(images),
    columns: Math.ceil(count / 2),
    range: [0, 255],
    title: `${key}, episode ${episode}`,
    caption: `frames ${frames.join(", ")}`,
  });
}

/** One or three channels, as the grid wants them. */
function withoutOpacity(images: NdArray<"uint8">): NdArray<"uint8"> {
  const [count, height, width, channels] = images.shape as [number, number, number, number];
  if (channels === 1 || channels === 3) return images;
  const data = images.data.filter((_, i) => i % channels < channels - 1);
  return { ...images, shape: [count, height, width, channels - 1], data };
}
