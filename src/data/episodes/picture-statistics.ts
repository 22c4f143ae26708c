import { ndarray } from "../../engine/array/index.ts";
import { quantiles, type StatisticName, statisticNames, type WholeStatistics } from "./column-statistics.ts";
import { parsePng } from "./png.ts";

/** Pictures that are looked at, spread evenly: statistics of pixels need no more. */
const mostPictures = 100;

/**
 * Of every channel of encoded pictures, [channels, 1, 1], in [0, 1], as LeRobot has them; exact for the pictures that
 * are looked at, at most 100. Throws "format" for what is no PNG, "shape" without pictures.
 */
export function pictureStatistics(pictures: readonly Uint8Array[], key = "pictures"): WholeStatistics {
  const step = Math.max(1, pictures.length / mostPictures);
  const count = Math.min(pictures.length, mostPictures);
  const counted: Float64Array[] = [];
  for (let i = 0; i < count; i++) {
    const picture = Math.floor(i * step);
    const { data, shape } = parsePng(pictures[picture]!, `${key}, picture ${picture}`);
    const channels = shape[2]!;
    for (let c = counted.length; c < channels; c++) counted.push(new Float64Array(256));
    for (let at = 0; at < data.length; at++) counted[at % channels]![data[at]!]! += 1;
  }
  const results = counted.map(histogramStatistics);
  const arrays = statisticNames.map((name) => {
    const values = Float64Array.from(results, (result) => result[name]);
    return [name, ndarray(values, [values.length, 1, 1], "float64")] as const;
  });
  return { ...(Object.fromEntries(arrays) as Omit<WholeStatistics, "count">), count };
}

/** Of pixels 0 … 255, counted, over 255. */
function histogramStatistics(counted: Float64Array): Record<StatisticName, number> {
  const total = counted.reduce((sum, count) => sum + count, 0);
  const over = (fn: (pixel: number) => number) =>
    counted.reduce((sum, count, pixel) => sum + count * fn(pixel), 0) / total;
  const mean = over((pixel) => pixel / 255);
  const std = Math.sqrt(over((pixel) => (pixel / 255 - mean) ** 2));
  const at = (part: number) => pixelAt(counted, part * (total - 1)) / 255;
  const [min, max] = [at(0), at(1)];
  const { q01, q10, q50, q90, q99 } = quantiles;
  return { min, max, mean, std, q01: at(q01), q10: at(q10), q50: at(q50), q90: at(q90), q99: at(q99) };
}

/** The pixel at a place of the ascending order. */
function pixelAt(counted: Float64Array, place: number): number {
  let below = 0;
  for (let pixel = 0; pixel < 256; pixel++) {
    below += counted[pixel]!;
    if (below > place) return pixel;
  }
  return 255;
}
