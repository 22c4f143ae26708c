import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  type Episodes,
  episodeStatistics,
  frameCount,
  loadEpisodes,
  parseArrays,
} from "../../../src/data/index.ts";
import { describeWithShared, shared } from "./shared.ts";

/** Equal byte for byte: comparing hundreds of thousands of elements one by one takes seconds. */
const bytesOf = ({ data }: { readonly data: ArrayBufferView }) =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength);
const same = (a: { readonly data: ArrayBufferView }, b: { readonly data: ArrayBufferView }) =>
  bytesOf(a).equals(bytesOf(b));

const lengths = ({ episodes }: Episodes) => episodes.map(({ start, end }) => end - start);

describeWithShared("published data sets", () => {
  const original = () => parseArrays(readFileSync(shared("pusht/pusht_lowdim.npz")));

  test("PushT in zarr (zip, blosc) holds exactly what the npz made by zarr-python holds", async () => {
    const set = await loadEpisodes(shared("pusht/pusht_lowdim.zarr.zip"), { fps: 10 });
    const arrays = original();
    expect(frameCount(set)).toBe(25650);
    expect(set.episodes.map(({ end }) => BigInt(end))).toEqual(
      Array.from(arrays.episode_ends!.data as BigInt64Array),
    );
    const pairs = { action: "action", state: "observation.state", keypoint: "observation.environment_state" };
    for (const [from, to] of Object.entries(pairs)) {
      expect(same(set.columns[to]!, arrays[from]!), to).toBe(true);
    }
    expect(set.columns["observation.environment_state"]!.shape).toEqual([25650, 18]);
  });

  test("the other PushT set has its 151 episodes", async () => {
    const path = shared("pusht/pusht_keypoint_x356_y356_lowdim.zarr.zip");
    const set = await loadEpisodes(path, { fps: 10, keys: ["action", "state"] });
    expect([set.episodes.length, frameCount(set)]).toEqual([151, 24644]);
    expect(Object.keys(set.columns)).toEqual(["action", "observation.state"]);
    const { min, max } = episodeStatistics(set).action!;
    expect(Math.min(...min.data)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...max.data)).toBeLessThanOrEqual(512);
  });

  test("a replay buffer without fps is refused, since the file does not say it", async () => {
    await expect(loadEpisodes(shared("pusht/pusht_lowdim.zarr.zip"))).rejects.toThrow(/expected fps.*none/);
  });

  test("PushT in LeRobot v3.0 has the same actions and agent positions, and its own statistics", async () => {
    const set = await loadEpisodes(shared("pusht/lerobot_pusht_v30"));
    const { action, state, episode_ends: ends } = original();
    expect([set.fps, set.episodes.length, frameCount(set)]).toEqual([10, 206, 25650]);
    expect(set.tasks).toEqual(["Push the T-shaped block onto the T-shaped target."]);
    expect(set.episodes.map(({ end }) => BigInt(end))).toEqual(Array.from(ends!.data as BigInt64Array));
    expect(same(set.columns.action!, action!)).toBe(true);
    const agent = (state!.data as Float32Array).filter((_, i) => i % 5 < 2);
    expect(same(set.columns["observation.state"]!, { data: agent })).toBe(true);
    expect((set.columns["next.done"]!.data as Uint8Array).filter((done) => done === 1).length).toBe(412);
    const computed = episodeStatistics(set, ["action", "observation.state"]);
    for (const [key, { min, max, mean }] of Object.entries(computed)) {
      expect(set.statistics![key]!.min, key).toEqual(min);
      expect(set.statistics![key]!.max, key).toEqual(max);
      mean.data.forEach((value, i) => expect(value).toBeCloseTo(set.statistics![key]!.mean!.data[i]!, 1));
    }
    expect(set.episodes[1]!.videos!["observation.image"]).toMatchObject({ fromSeconds: 16.1 });
  });

  test("GR00T in LeRobot v2.0 loads in spite of a template that names other folders", async () => {
    const set = await loadEpisodes(shared("groot_picknplace_lerobot_v20"));
    expect(lengths(set)).toEqual([416, 470, 470, 412, 328]);
    expect(set.columns.action).toMatchObject({ dtype: "float64", shape: [2096, 44] });
    // the first frame, as pyarrow prints it
    expect(Array.from(set.columns["observation.state"]!.data as Float64Array).slice(0, 4)).toEqual([
      -0.01147082911843003, 0.1220796682445753, 0.04229397476352962, -2.0999999999999996,
    ]);
    expect(set.columns.timestamp!.data[0]).toBe(0.04999995231628418);
    expect(set.episodes[2]!.tasks[0]).toBe("pick the meat from the counter and place it in the plate");
    expect(set.features.action!.names![43]).toBe("motor_43");
    const videos = set.episodes.map((episode) => Object.keys(episode.videos ?? {}));
    expect(videos).toEqual(Array(5).fill(["observation.images.ego_view"]));
  });

  test("Adroit's npz becomes episodes", async () => {
    const set = await loadEpisodes(shared("adroit_door/door-v0_demos.npz"), { fps: 40 });
    expect([set.episodes.length, frameCount(set)]).toEqual([25, 6729]);
    expect(Object.entries(set.columns).map(([name, { shape }]) => [name, shape[1]])).toEqual([
      ["observation.state", 39],
      ["action", 28],
      ["next.reward", 1],
    ]);
    expect([Math.min(...lengths(set)), Math.max(...lengths(set))]).toEqual([223, 300]);
  });
});
