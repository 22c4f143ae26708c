import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { episodesFromArrays, loadEpisodes, loadLeRobot, writeEpisodes } from "../../../src/data/index.ts";
import { array, ndarray, npzBytes, writeFileAtomic } from "../../../src/engine/index.ts";
import { advect, temporaryFolder } from "../harness.ts";

/** Two episodes of 3 and 2 frames, with a camera unless that is not wanted. */
async function stored(folder: string, more: object = {}): Promise<string> {
  const pixels = Uint8Array.from({ length: 5 * 4 * 4 * 3 }, (_, i) => i % 256);
  const arrays = {
    "observation.state": array([
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 5],
    ]),
    action: array([[1], [2], [3], [4], [5]]),
    "observation.image": ndarray(pixels, [5, 4, 4, 3]),
    ...more,
  };
  const path = join(folder, "set");
  const names = { "observation.state": ["x", "y"] };
  await writeEpisodes(
    path,
    episodesFromArrays({ arrays, episodeEnds: [3, 5], fps: 10, task: "push", names }),
  );
  return path;
}

describe("advect dataset", () => {
  test("info says what is in a data set", async () => {
    const path = await stored(temporaryFolder());
    const { code, stdout } = await advect(["dataset", "info", path]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/2 episodes, 5 frames at 10 fps/);
    expect(stdout).toMatch(/observation.state +float32 +\[2\] +x, y/);
    const json = JSON.parse((await advect(["dataset", "info", path, "--json"])).stdout);
    expect(json).toMatchObject({ episodes: 2, frames: 5, fps: 10, tasks: ["push"], seconds: 0.5 });
    expect(json.episodeFrames).toEqual({ least: 2, median: 3, most: 3 });
  });

  test("validate ends with 0 where all is well, with 1 and the list where not", async () => {
    const folder = temporaryFolder();
    expect((await advect(["dataset", "validate", await stored(folder)])).code).toBe(0);
    const bad = await stored(join(folder, "bad"), { action: array([1, Number.NaN, 3, 4, 5]) });
    const { code, stdout } = await advect(["dataset", "validate", bad, "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      valid: false,
      problems: [
        { severity: "error", where: "action", message: expect.stringContaining("frame 1 of episode 0") },
      ],
    });
  });

  test("stats computes statistics", async () => {
    const path = await stored(temporaryFolder());
    const { stdout } = await advect(["dataset", "stats", path]);
    expect(stdout).toMatch(/observation.state y +1 /);
    const { statistics } = JSON.parse((await advect(["dataset", "stats", path, "--json"])).stdout);
    expect(statistics.action).toMatchObject({ min: [1], max: [5], mean: [3], q50: [3], count: [5] });
  });

  test("convert makes a LeRobotDataset of an npz, of some episodes and features", async () => {
    const folder = temporaryFolder();
    const npz = join(folder, "demos.npz");
    const arrays = {
      actions: array([[1], [2], [3], [4]]),
      touch: array([0, 1, 0, 1]),
      episode_ends: ndarray(BigInt64Array.of(2n, 4n), [2]),
    };
    await writeFileAtomic(npz, npzBytes(arrays));
    const out = join(folder, "made");
    const without = await advect(["dataset", "convert", npz, out]);
    expect([without.code, without.stderr]).toEqual([2, expect.stringMatching(/expected fps/)]);
    const given = [
      "--fps",
      "20",
      "--task",
      "open",
      "--robot",
      "hand",
      "--episodes",
      "1",
      "--drop",
      "observation.touch",
    ];
    expect((await advect(["dataset", "convert", npz, out, ...given])).stderr).toBe("");
    const set = await loadLeRobot(out);
    expect([set.fps, set.tasks, set.robotType]).toEqual([20, ["open"], "hand"]);
    expect(Array.from(set.columns.action!.data as Float32Array)).toEqual([3, 4]);
    expect(Object.keys(set.features)).not.toContain("observation.touch");
    const again = await advect(["dataset", "convert", npz, out, "--fps", "20"]);
    expect([again.code, again.stderr]).toEqual([2, expect.stringMatching(/without a data set/)]);
    const wrong = await advect(["dataset", "convert", npz, `${out}2`, "--fps", "20", "--drop", "x"]);
    expect(wrong.stderr).toMatch(/--drop: expected one of .*action/);
  });

  test("show draws curves, histograms of actions and frames", async () => {
    const folder = temporaryFolder();
    const pictures = join(folder, "pictures");
    const path = await stored(folder);
    const { code, stdout } = await advect([
      "dataset",
      "show",
      path,
      "--episode",
      "1",
      "--out",
      pictures,
      "--json",
    ]);
    expect(code).toBe(0);
    const drawn = readdirSync(pictures).filter((name) => name.endsWith(".svg"));
    expect(drawn).toEqual([
      "action-histograms.svg",
      "episode-1-curves.svg",
      "episode-1-observation.image.svg",
    ]);
    expect(JSON.parse(stdout).figures).toContain(`${pictures}/episode-1-curves.svg`);
    expect(readFileSync(join(pictures, "episode-1-curves.svg"), "utf8")).toContain("observation.state: x, y");
    const outside = await advect(["dataset", "show", path, "--episode", "2", "--out", pictures]);
    expect([outside.code, outside.stderr]).toEqual([2, expect.stringMatching(/0 to 1/)]);
  });

  test("what is not there is an error that names it", async () => {
    const { code, stderr } = await advect(["dataset", "info", join(temporaryFolder(), "none")]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/none\/meta\/info.json/)]);
    await expect(loadEpisodes("none.npz", { fps: 1 })).rejects.toMatchObject({ kind: "io" });
  });
});
