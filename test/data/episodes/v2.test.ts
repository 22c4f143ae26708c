import { expect, test } from "vitest";
import { withBookkeeping } from "../../../src/data/episodes/bookkeeping.ts";
import { frameFile } from "../../../src/data/episodes/frame-file.ts";
import { loadLeRobot, selectEpisodes } from "../../../src/data/index.ts";
import { smallSet } from "./cases.ts";
import { type MemoryFiles, memoryFiles } from "./memory-files.ts";

const text = (value: string) => new TextEncoder().encode(value);
const lines = (values: readonly object[]) =>
  text(values.map((value) => `${JSON.stringify(value)}\n`).join(""));

/** The small set as LeRobot 0.2 wrote it: a file an episode. */
function oldSet(info: object = {}): MemoryFiles {
  const set = smallSet();
  const files = memoryFiles();
  let frames = 0;
  set.episodes.forEach((_, i) => {
    const one = withBookkeeping(selectEpisodes(set, [i]), { episodes: i, frames, tasks: [] });
    files.contents.set(`old/data/chunk-000/episode_00000${i}.parquet`, frameFile(one));
    frames += one.columns.index!.data.length;
  });
  const { features } = withBookkeeping(set, { episodes: 0, frames: 0, tasks: [] });
  const described = {
    codebase_version: "v2.1",
    fps: 10,
    total_episodes: 3,
    total_frames: 6,
    features,
    data_path: "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
    ...info,
  };
  files.contents.set("old/meta/info.json", text(JSON.stringify(described)));
  files.contents.set("old/meta/tasks.jsonl", lines([{ task_index: 0, task: "push" }]));
  const lengths = [3, 1, 2];
  const rows = lengths.map((length, episode_index) => ({ episode_index, tasks: ["push"], length }));
  files.contents.set("old/meta/episodes.jsonl", lines(rows));
  return files;
}

test.each(["v2.0", "v2.1"])("a data set %s is read, an episode a file", async (version) => {
  const set = await loadLeRobot("old", { files: oldSet({ codebase_version: version }) });
  expect(set.columns.action).toEqual(smallSet().columns.action);
  expect(set.columns["observation.state"]).toEqual(smallSet().columns["observation.state"]);
  expect(set.episodes).toEqual(smallSet().episodes);
  expect(set.tasks).toEqual(["push"]);
});

test("a template that names other folders does not matter where the usual ones are there", async () => {
  const files = oldSet({ data_path: "data/chunk-{episode_index:03d}/episode_{episode_index:06d}.parquet" });
  expect((await loadLeRobot("old", { files })).columns.action).toEqual(smallSet().columns.action);
});

test("a template cannot leave the data set, nor name what has no value", async () => {
  const load = (data_path: string) => loadLeRobot("old", { files: oldSet({ data_path }) });
  await expect(load("../secret/{episode_index:06d}.parquet")).rejects.toThrow(/inside the data set/);
  await expect(load("/etc/{episode_index:06d}")).rejects.toThrow(/inside the data set/);
  await expect(load("data/{file_index:03d}.parquet")).rejects.toThrow(/names among .*file_index/);
});

test("other versions, other fields and lines that do not fit are refused", async () => {
  const load = (info: object) => loadLeRobot("old", { files: oldSet(info) });
  await expect(load({ codebase_version: "v1.6" })).rejects.toMatchObject({ kind: "unsupported" });
  await expect(load({ fps: 0 })).rejects.toThrow(/info.json, fps/);
  await expect(load({ features: { "a/b": { dtype: "float32", shape: [1] } } })).rejects.toThrow(
    /without slashes/,
  );
  const files = oldSet();
  files.contents.set("old/meta/episodes.jsonl", lines([{ episode_index: 0, length: 0 }]));
  await expect(loadLeRobot("old", { files })).rejects.toThrow(/episodes.jsonl, line 1/);
});

test("Python's NaN in stats.json is no number, and does not keep the data set from loading", async () => {
  const files = oldSet();
  const stats = '{"action": {"mean": [NaN], "std": [\n  Infinity\n], "min": [0], "max": [5]}}';
  files.contents.set("old/meta/stats.json", text(stats));
  const { statistics } = await loadLeRobot("old", { files });
  expect(statistics!.action!.mean!.data[0]).toBeNaN();
  expect(statistics!.action!.max!.data[0]).toBe(5);
});
