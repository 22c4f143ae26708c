import { mkdtempSync, rmSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseParquet } from "../../../src/data/episodes/parquet.ts";
import {
  type Episodes,
  episodeStatistics,
  episodesFromArrays,
  loadLeRobot,
  parsePng,
  writeEpisodes,
} from "../../../src/data/index.ts";
import { array, ndarray } from "../../../src/engine/index.ts";
import { smallSet } from "./cases.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "advect-write-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const written = async (set: Episodes) => {
  await writeEpisodes(folder, set);
  return loadLeRobot(folder);
};
const json = async (path: string) => JSON.parse(await readFile(join(folder, path), "utf8"));
const table = async (path: string) => parseParquet(await readFile(join(folder, path)), path);
const data = "data/chunk-000/file-000.parquet";
const episodes = "meta/episodes/chunk-000/file-000.parquet";

describe("a data set that was written", () => {
  test("is read back as it was", async () => {
    const set = smallSet();
    const back = await written(set);
    for (const [key, column] of Object.entries(set.columns)) expect(back.columns[key], key).toEqual(column);
    expect(back.episodes.map(({ start, end, tasks }) => ({ start, end, tasks }))).toEqual(
      set.episodes.map(({ start, end, tasks }) => ({ start, end, tasks })),
    );
    expect([back.fps, back.tasks]).toEqual([10, ["push"]]);
  });

  test("has the files of a LeRobotDataset v3.0 and no others", async () => {
    await written(smallSet());
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map(({ name, parentPath }) => join(parentPath, name));
    expect(files.map((file) => file.slice(folder.length + 1)).toSorted()).toEqual(
      [data, episodes, "meta/info.json", "meta/stats.json", "meta/tasks.parquet"].toSorted(),
    );
  });

  test("has every key of meta/info.json", async () => {
    await written(smallSet());
    const scalar = (dtype: string) => ({ dtype, shape: [1], names: null });
    expect(await json("meta/info.json")).toEqual({
      codebase_version: "v3.0",
      robot_type: null,
      total_episodes: 3,
      total_frames: 6,
      total_tasks: 1,
      chunks_size: 1000,
      data_files_size_in_mb: 100,
      video_files_size_in_mb: 200,
      fps: 10,
      splits: { train: "0:3" },
      data_path: "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
      video_path: null,
      features: {
        "observation.state": { dtype: "float32", shape: [2], names: null },
        action: scalar("float32"),
        timestamp: scalar("float32"),
        frame_index: scalar("int64"),
        episode_index: scalar("int64"),
        index: scalar("int64"),
        task_index: scalar("int64"),
      },
    });
  });

  test("has every column of data/, with LeRobot's types, a row group an episode", async () => {
    await written(smallSet());
    const frames = await table(data);
    expect(Object.fromEntries(frames.names.map((name) => [name, frames.physicalType(name)]))).toEqual({
      "observation.state": "FLOAT",
      action: "FLOAT",
      timestamp: "FLOAT",
      frame_index: "INT64",
      episode_index: "INT64",
      index: "INT64",
      task_index: "INT64",
    });
    const column = async (name: string) => (await frames.column(name)).map(Number);
    expect(await column("frame_index")).toEqual([0, 1, 2, 0, 0, 1]);
    expect(await column("episode_index")).toEqual([0, 0, 0, 1, 2, 2]);
    expect(await column("index")).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await column("timestamp")).toEqual([0, 0.1, 0.2, 0, 0, 0.1].map(Math.fround));
    expect(await column("action")).toEqual([0, 1, 2, 3, 4, 5]); // scalars, not lists of one
    expect((await frames.column("observation.state"))[1]).toEqual([10, 1]);
    const { features } = JSON.parse(frames.metadata.huggingface!).info;
    expect(features["observation.state"]).toEqual({
      feature: { dtype: "float32", _type: "Value" },
      length: 2,
      _type: "Sequence",
    });
  });

  test("has every column of meta/episodes, with LeRobot's types", async () => {
    await written(smallSet());
    const rows = await table(episodes);
    const integers = [
      ...["episode_index", "length", "dataset_from_index", "dataset_to_index"],
      ...["data/chunk_index", "data/file_index", "meta/episodes/chunk_index", "meta/episodes/file_index"],
    ];
    const features = Object.keys((await json("meta/info.json")).features);
    const statistics = ["min", "max", "mean", "std", "q01", "q10", "q50", "q90", "q99"];
    const expected = Object.fromEntries([
      ...integers.map((name) => [name, "INT64"]),
      ["tasks", "BYTE_ARRAY"],
      ...features.flatMap((key) => [
        ...statistics.map((name) => [`stats/${key}/${name}`, "DOUBLE"]),
        [`stats/${key}/count`, "INT64"],
      ]),
    ]);
    expect(Object.fromEntries(rows.names.map((name) => [name, rows.physicalType(name)]))).toEqual(expected);
    expect((await rows.column("dataset_to_index")).map(Number)).toEqual([3, 4, 6]);
    expect((await rows.column("stats/observation.state/mean"))[0]).toEqual([10, 1]);
    expect((await rows.column("tasks"))[2]).toEqual(["push"]);
  });

  test("keeps task texts where pandas and LeRobot look for them, in the index", async () => {
    await written(smallSet());
    const tasks = await table("meta/tasks.parquet");
    expect(JSON.parse(tasks.metadata.pandas!).index_columns).toEqual(["task"]);
    expect(tasks.names).toEqual(["task_index", "task"]);
    expect(await tasks.column("task")).toEqual(["push"]);
  });

  test("has statistics of every feature in meta/stats.json", async () => {
    const set = smallSet();
    const back = await written(set);
    expect(Object.keys(back.statistics!).toSorted()).toEqual(Object.keys(back.features).toSorted());
    expect(back.statistics!["observation.state"]).toEqual(episodeStatistics(set)["observation.state"]);
    expect((await json("meta/stats.json")).action.count).toEqual([6]);
  });

  test("holds pictures as PNG, pixel for pixel, with statistics by channel in [0, 1]", async () => {
    const pixels = Uint8Array.from({ length: 2 * 4 * 3 * 3 }, (_, i) => (i * 89) % 256);
    const arrays = { "observation.image": ndarray(pixels, [2, 4, 3, 3]), action: array([1, 2]) };
    const back = await written(episodesFromArrays({ arrays, episodeEnds: [2], fps: 10 }));
    const decoded = back.images["observation.image"]!.map((png) => parsePng(png));
    expect(decoded.flatMap(({ data: values }) => Array.from(values))).toEqual(Array.from(pixels));
    const { mean, min } = back.statistics!["observation.image"]!;
    expect(mean!.shape).toEqual([3, 1, 1]);
    const red = pixels.filter((_, i) => i % 3 === 0);
    expect(mean!.data[0]).toBeCloseTo(red.reduce((a, b) => a + b) / red.length / 255, 10);
    expect(min!.data[0]).toBeCloseTo(Math.min(...red) / 255, 10);
  });

  test("is refused where one lies already", async () => {
    await writeEpisodes(folder, smallSet());
    await expect(writeEpisodes(folder, smallSet())).rejects.toThrow(/without a data set.*recordEpisodes/);
  });
});

const dtypes = {
  float32: fc.float({ noNaN: false }).map(Math.fround),
  float64: fc.double(),
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  uint8: fc.integer({ min: 0, max: 255 }),
  bool: fc.integer({ min: 0, max: 1 }),
} as const;
const arraysOf = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

test("round trips are exact for every element type and shape", async () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 });
  const kinds = fc.constantFrom(...(Object.keys(dtypes) as (keyof typeof dtypes)[]));
  const sets = fc.tuple(kinds, shapes, fc.integer({ min: 1, max: 5 })).chain(([dtype, shape, rows]) => {
    const length = rows * shape.reduce((a, b) => a * b, 1);
    const values = fc.array(dtypes[dtype] as fc.Arbitrary<number>, { minLength: length, maxLength: length });
    return values.map((list) => {
      const from = arraysOf[dtype] as unknown as Float32ArrayConstructor;
      return ndarray(from.from(list), [rows, ...shape], dtype as "float32");
    });
  });
  await fc.assert(
    fc.asyncProperty(sets, async (column) => {
      const place = join(folder, `${Math.abs(column.data.length)}`, "x");
      rmSync(place, { recursive: true, force: true });
      const arrays = { "observation.x": column };
      const set = episodesFromArrays({ arrays, episodeEnds: [column.shape[0]!], fps: 7 });
      if (column.shape.length === 4 && (column.dtype as string) === "uint8") return; // pictures, see above
      await writeEpisodes(place, set);
      expect((await loadLeRobot(place)).columns["observation.x"]).toEqual(column);
    }),
    { numRuns: 60 },
  );
});
