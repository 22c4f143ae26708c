import { describe, expect, test } from "vitest";
import { statisticsFromJson, statisticsToJson } from "../../../src/data/episodes/statistics-json.ts";
import {
  columnStatistics,
  episodeStatistics,
  episodesFromArrays,
  mergeStatistics,
  normalizations,
  normalizedEpisodes,
  rescaled,
  rescaledByQuantiles,
  standardized,
  statisticsFromArrays,
  statisticsToArrays,
} from "../../../src/data/index.ts";
import { array, key, normal, parseSafetensors, safetensorsBytes } from "../../../src/engine/index.ts";
import { smallSet } from "./cases.ts";

describe("statistics of features", () => {
  test("are those that numpy computes", () => {
    // np.quantile([1, 2, 4, 8, 16, 32], [.01, .1, .5, .9, .99])
    const found = columnStatistics(array([[1], [32], [2], [16], [4], [8]]));
    const expected = { min: 1, max: 32, mean: 10.5, q01: 1.05, q10: 1.5, q50: 6, q90: 24, q99: 31.2 };
    for (const [name, value] of Object.entries(expected)) {
      expect(found[name as "min"].data[0], name).toBeCloseTo(value, 12);
    }
    expect(found.std.data[0]).toBeCloseTo(Math.sqrt(1365 / 6 - 10.5 ** 2), 12);
    expect(found.count).toBe(6);
  });

  test("of parts merge to those of the whole; quantiles to the outer bound", () => {
    const x = normal(key(1), [50, 3]);
    const part = (from: number, to: number) => ({
      ...x,
      data: x.data.slice(from * 3, to * 3),
      shape: [to - from, 3],
    });
    const whole = columnStatistics(x);
    const [a, b] = [columnStatistics(part(0, 12)), columnStatistics(part(12, 50))];
    const merged = mergeStatistics(a, b);
    for (const name of ["min", "max", "mean", "std"] as const) {
      merged[name].data.forEach((value, i) => expect(value).toBeCloseTo(whole[name].data[i]!, 12));
    }
    expect(merged.q01.data[1]).toBe(Math.min(a.q01.data[1]!, b.q01.data[1]!));
    expect(merged.q99.data[1]).toBe(Math.max(a.q99.data[1]!, b.q99.data[1]!));
    expect(merged.count).toBe(50);
  });

  test("refuse values that are not finite, naming the frame", () => {
    const arrays = {
      action: array([
        [0, 1],
        [2, Number.NaN],
      ]),
    };
    const set = episodesFromArrays({ arrays, episodeEnds: [2], fps: 10 });
    expect(() => episodeStatistics(set)).toThrow(/finite values in action, got NaN in frame 1/);
  });

  test("survive JSON, shapes included", () => {
    const all = episodeStatistics(smallSet());
    const text = JSON.stringify(statisticsToJson(all));
    expect(statisticsFromJson(JSON.parse(text), "test")).toEqual(all);
    expect(JSON.parse(text)["observation.state"].min).toEqual([0, 0]);
    expect(JSON.parse(text).action.count).toEqual([6]);
    expect(() => statisticsFromJson({ action: { mean: [["x"]] } }, "stats.json")).toThrow(
      /stats.json, action, mean/,
    );
  });

  test("survive a checkpoint's safetensors", () => {
    const all = episodeStatistics(smallSet());
    const { tensors } = parseSafetensors(safetensorsBytes({ tensors: statisticsToArrays(all) }));
    const { mean } = statisticsFromArrays(tensors as never).action!;
    expect(mean).toEqual(all.action!.mean);
  });
});

describe("normalisation of features", () => {
  test("changes units by the statistics that its rule takes, and back", () => {
    const set = smallSet();
    const by = normalizations(episodeStatistics(set), {
      action: rescaled,
      "observation.state": standardized,
    });
    const changed = normalizedEpisodes(set, by);
    expect(Array.from(changed.columns.action!.data as Float32Array)).toEqual(
      [-1, -0.6, -0.2, 0.2, 0.6, 1].map(Math.fround),
    );
    const state = columnStatistics(changed.columns["observation.state"]!);
    for (const value of state.mean.data) expect(value).toBeCloseTo(0, 6);
    for (const value of state.std.data) expect(value).toBeCloseTo(1, 6);
    const back = by["observation.state"]!.invert(changed.columns["observation.state"] as never);
    back.data.forEach((value, i) =>
      expect(value).toBeCloseTo(Number(set.columns["observation.state"]!.data[i]), 4),
    );
    expect(set.columns.action!.data[5]).toBe(5); // the data set that was given stays as it was
  });

  test("by quantiles is deaf to one outlier", () => {
    const values = Array.from({ length: 1001 }, (_, i) => [i === 1000 ? 1e6 : i / 1000]);
    const set = episodesFromArrays({ arrays: { action: array(values) }, episodeEnds: [1001], fps: 1 });
    const by = normalizations(episodeStatistics(set), { action: rescaledByQuantiles });
    expect(by.action!.apply(array([[0.5]])).data[0]).toBeCloseTo(0, 2);
    expect(by.action!.apply(array([[0.99]])).data[0]).toBeCloseTo(1, 2);
  });

  test("is refused loudly where statistics are missing", () => {
    const refused = (statistics: Parameters<typeof normalizations>[0]) => () =>
      normalizations(statistics, { action: rescaledByQuantiles });
    expect(refused(undefined)).toThrow(/q01 and q99 of action.*statistics of nothing.*episodeStatistics/);
    expect(refused({})).toThrow(/statistics of nothing/);
    const { q99: _, ...without } = episodeStatistics(smallSet()).action!;
    expect(refused({ action: without })).toThrow(/no finite q99/);
  });
});
