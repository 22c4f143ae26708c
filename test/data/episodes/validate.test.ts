import { describe, expect, test } from "vitest";
import {
  type Episodes,
  episodesFromArrays,
  loadLeRobot,
  validateEpisodes,
  writeEpisodes,
} from "../../../src/data/index.ts";
import { array, ndarray } from "../../../src/engine/index.ts";
import { smallSet } from "./cases.ts";
import { type MemoryFiles, memoryFiles } from "./memory-files.ts";

async function stored(set: Episodes = smallSet()): Promise<MemoryFiles> {
  const files = memoryFiles();
  await writeEpisodes("set", set, { files });
  return files;
}

const found = async (files: MemoryFiles) => {
  const { problems } = await validateEpisodes("set", { files });
  return problems.map(({ severity, where, message }) => `${severity}: ${where}: ${message}`);
};

/** info.json with other words. */
function withInfo(files: MemoryFiles, changed: object): MemoryFiles {
  const path = "set/meta/info.json";
  const info = JSON.parse(new TextDecoder().decode(files.contents.get(path)));
  files.contents.set(path, new TextEncoder().encode(JSON.stringify({ ...info, ...changed })));
  return files;
}

/** The small set with other timestamps. */
function timed(seconds: readonly number[]): Episodes {
  const { columns } = smallSet();
  const timestamp = ndarray(Float32Array.from(seconds), [6, 1], "float32");
  const arrays = { ...columns, timestamp };
  return episodesFromArrays({ arrays, episodeEnds: [3, 4, 6], fps: 10 });
}

describe("validation", () => {
  test("finds nothing wrong with what was just written", async () => {
    expect(await found(await stored())).toEqual([]);
  });

  test("finds gaps in timestamps and late starts, and says where", async () => {
    expect(await found(await stored(timed([0, 0.1, 0.4, 0, 0, 0.1])))).toEqual([
      "error: episode 0: 0.3 s pass between frames 1 and 2; at 10 fps it should be 0.1 s.",
    ]);
    expect(await found(await stored(timed([0, 0.1, 0.2, 0.05, 0, 0.1])))).toEqual([
      "warning: episode 1: Its first timestamp is 0.05000000074505806 s instead of 0.",
    ]);
  });

  test("finds wrong counts and splits", async () => {
    const files = withInfo(await stored(), { total_frames: 7, total_tasks: 2, splits: { train: "0:9" } });
    expect(await found(files)).toEqual([
      "error: meta/info.json: total_frames is 7; there are 6.",
      "error: meta/info.json: total_tasks is 2; there are 1.",
      "warning: meta/info.json: Its split train is 0:9; there are 3 episodes.",
    ]);
  });

  test("finds values that are not finite, and the frame of the first", async () => {
    const action = array([0, 1, 2, Number.NaN, 4, Number.POSITIVE_INFINITY]);
    const set = episodesFromArrays({ arrays: { action }, episodeEnds: [3, 6], fps: 10 });
    expect(await found(await stored(set))).toEqual([
      "error: action: 2 values are not finite; the first is NaN in frame 0 of episode 1.",
    ]);
  });

  test("finds columns of another type, and such that info.json does not know", async () => {
    const files = await stored();
    const { features } = JSON.parse(new TextDecoder().decode(files.contents.get("set/meta/info.json")));
    const { action, ...others } = features;
    withInfo(files, { features: { ...others, "observation.state": { dtype: "float64", shape: [2] } } });
    const problems = await found(files);
    expect(problems).toContain(
      "warning: observation.state: meta/info.json says float64; the files hold FLOAT.",
    );
    expect(problems).toContain(
      "warning: action: meta/info.json has no such feature: LeRobot will not open it.",
    );
    expect(action.dtype).toBe("float32");
  });

  test("finds episodes whose bookkeeping is that of others", async () => {
    const files = await stored();
    const swapped = await stored(
      episodesFromArrays({ arrays: smallSet().columns, episodeEnds: [2, 4, 6], fps: 10, task: "push" }),
    );
    const data = "set/data/chunk-000/file-000.parquet";
    files.contents.set(data, swapped.contents.get(data)!);
    const problems = await found(files);
    expect(problems).toContain("error: episode 0: frame_index of frame 2 is 0 instead of 2.");
    expect(problems).toContain("error: episode 0: episode_index of frame 2 is 1 instead of 0.");
  });

  test("finds statistics of other data", async () => {
    const files = await stored();
    const path = "set/meta/stats.json";
    const stats = JSON.parse(new TextDecoder().decode(files.contents.get(path)));
    stats.action.max = [6];
    files.contents.set(path, new TextEncoder().encode(JSON.stringify(stats)));
    expect(await found(files)).toEqual(["warning: meta/stats.json: max of action is not that of the data."]);
    files.contents.delete(path);
    expect(await found(files)).toEqual([
      "warning: meta/stats.json: There are no statistics; training will compute them.",
    ]);
  });

  test("finds missing and damaged files, and such that no episode is in", async () => {
    const files = await stored();
    const data = "set/data/chunk-000/file-000.parquet";
    const bytes = files.contents.get(data)!;
    files.contents.set("set/data/chunk-000/file-001.parquet", bytes);
    expect(await found(files)).toEqual([
      "warning: set/data/chunk-000/file-001.parquet: No episode is in this file.",
    ]);
    files.contents.set(data, bytes.slice(0, 100));
    const [damaged] = await found(files);
    expect(damaged).toMatch(/^error: set\/data\/chunk-000\/file-000.parquet: .*whole parquet file/);
    files.contents.delete(data);
    expect((await found(files))[0]).toMatch(/^error: set\/data\/chunk-000\/file-000.parquet: .*no such file/);
    files.contents.delete("set/meta/info.json");
    expect(await found(files)).toHaveLength(1);
    await expect(loadLeRobot("set", { files })).rejects.toMatchObject({ kind: "io" });
  });
});
