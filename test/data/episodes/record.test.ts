import { mkdtempSync, rmSync } from "node:fs";
import { cp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { platformFiles } from "../../../src/data/episodes/files.ts";
import {
  columnStatistics,
  type Episodes,
  episodesFromArrays,
  frameCount,
  loadLeRobot,
  recordEpisodes,
  selectEpisodes,
} from "../../../src/data/index.ts";
import { array, type Files } from "../../../src/engine/index.ts";
import { smallSet } from "./cases.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "advect-record-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const one = (place: number) => selectEpisodes(smallSet(), [place]);
const actions = ({ columns }: Episodes) => Array.from(columns.action!.data as Float32Array);

/** Files that end the process, so to speak, at the n-th write. */
function killedAt(write: number): Files {
  let count = 0;
  const guard =
    <A extends unknown[]>(fn: (...args: A) => Promise<void>) =>
    async (...args: A) => {
      if (++count > write) throw new Error("killed");
      await fn(...args);
    };
  return {
    ...platformFiles,
    writeFileAtomic: guard(platformFiles.writeFileAtomic),
    writeFolderAtomic: guard(platformFiles.writeFolderAtomic),
  };
}

describe("a recorder", () => {
  test("adds episodes one by one, and the next one goes on where it ended", async () => {
    const first = await recordEpisodes(folder);
    await first.add(one(0));
    await first.add(one(1));
    expect([first.episodeCount, first.frameCount]).toEqual([2, 4]);
    const second = await recordEpisodes(folder);
    expect([second.episodeCount, second.frameCount]).toEqual([2, 4]);
    await second.add(one(2));
    const back = await loadLeRobot(folder);
    expect(actions(back)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(Array.from(back.columns.episode_index!.data as BigInt64Array, Number)).toEqual([0, 0, 0, 1, 2, 2]);
    expect(Array.from(back.columns.index!.data as BigInt64Array, Number)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(back.episodes.map(({ index }) => index)).toEqual([0, 1, 2]);
  });

  test("is killed at any write, and the data set is what it was or has the whole episode", async () => {
    for (let write = 0; ; write++) {
      const place = join(folder, `killed-${write}`);
      await (await recordEpisodes(place)).add(one(0));
      const recorder = await recordEpisodes(place, { files: killedAt(write) });
      const survived = await recorder.add(one(2)).then(
        () => true,
        () => false,
      );
      expect(actions(await loadLeRobot(place)), `${write} writes`).toEqual(
        survived ? [0, 1, 2, 4, 5] : [0, 1, 2],
      );
      const resumed = await recordEpisodes(place);
      if (!survived) await resumed.add(one(2));
      const back = await loadLeRobot(place);
      expect(actions(back)).toEqual([0, 1, 2, 4, 5]);
      const { mean, std, min } = columnStatistics(array([0, 1, 2, 4, 5].map((value) => [value])));
      expect(back.statistics!.action!.mean!.data[0]).toBeCloseTo(mean.data[0]!, 12);
      expect(back.statistics!.action!.std!.data[0]).toBeCloseTo(std.data[0]!, 12);
      expect(back.statistics!.action!.min).toEqual(min);
      if (survived) {
        expect(write).toBeGreaterThanOrEqual(5); // data, episodes, tasks, stats, info
        return;
      }
    }
  });

  test("clears away what a killed one left, so that programs that read all files see no half episode", async () => {
    await (await recordEpisodes(folder)).add(one(0));
    const chunk = join(folder, "data/chunk-000");
    await cp(join(chunk, "file-000.parquet"), join(chunk, "file-001.parquet"));
    await writeFile(join(chunk, ".file-001.parquet.1234.tmp"), "half");
    await recordEpisodes(folder);
    expect(await readdir(chunk)).toEqual(["file-000.parquet"]);
  });

  test("takes episodes in turn, also when they are not waited for", async () => {
    const recorder = await recordEpisodes(folder);
    await Promise.all([recorder.add(one(2)), recorder.add(one(0)), recorder.add(one(1))]);
    expect(actions(await loadLeRobot(folder))).toEqual([4, 5, 0, 1, 2, 3]);
  });

  test("refuses other features and another rate, and stays usable", async () => {
    const recorder = await recordEpisodes(folder);
    await recorder.add(one(0));
    const other = episodesFromArrays({ arrays: { action: array([1]) }, episodeEnds: [1], fps: 10 });
    await expect(recorder.add(other)).rejects.toThrow(/episodes at 10 fps with .*observation.state/);
    await expect(recorder.add({ ...one(1), fps: 20 })).rejects.toThrow(/20 fps/);
    await recorder.add(one(1));
    expect(frameCount(await loadLeRobot(folder))).toBe(4);
  });

  test("keeps each episode's task, and each text once", async () => {
    const recorder = await recordEpisodes(folder);
    const named = (task: string) =>
      episodesFromArrays({ arrays: { action: array([1, 2]) }, episodeEnds: [2], fps: 10, task });
    for (const task of ["pull", "push", "pull"]) await recorder.add(named(task));
    const back = await loadLeRobot(folder);
    expect(back.tasks).toEqual(["pull", "push"]);
    expect(back.episodes.map(({ tasks }) => tasks)).toEqual([["pull"], ["push"], ["pull"]]);
    expect(Array.from(back.columns.task_index!.data as BigInt64Array, Number)).toEqual([0, 0, 1, 1, 0, 0]);
  });
});
