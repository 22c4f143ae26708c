// Makes datasets/pusht from the published files of the PushT demonstrations:
//   npm run build && node scripts/make-pusht.mjs <folder>
// The folder holds pusht_lowdim.npz (the arrays of diffusion_policy's pusht_cchi_v7_replay.zarr without pictures),
// lerobot_pusht_v30/ (lerobot/pusht of the Hugging Face hub) and LICENSE.
import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { columnOf, episodesFromArrays, loadEpisodes, parseArrays, writeEpisodes } from "advect/data";

const source = process.argv[2];
if (!source) throw new Error("Say where the published files are: node scripts/make-pusht.mjs <folder>");
const target = new URL("../datasets/pusht", import.meta.url).pathname;

const original = parseArrays(readFileSync(join(source, "pusht_lowdim.npz")));
const hub = await loadEpisodes(join(source, "lerobot_pusht_v30"));
const points = original.keypoint.shape[1];
const fromHub = ["next.reward", "next.done", "next.success"].map((key) => [key, columnOf(hub, key)]);

if (columnOf(hub, "action").data.some((value, i) => value !== original.action.data[i])) {
  throw new Error("The two sources are not of the same recordings.");
}

const set = episodesFromArrays({
  name: "pusht",
  fps: hub.fps,
  task: hub.tasks[0],
  robotType: "simulated circular pusher",
  arrays: {
    "observation.state": original.state,
    "observation.environment_state": {
      ...original.keypoint,
      shape: [original.keypoint.shape[0], 2 * points],
    },
    action: original.action,
    ...Object.fromEntries(fromHub),
  },
  episodeEnds: original.episode_ends.data,
  names: {
    "observation.state": ["agent_x", "agent_y", "block_x", "block_y", "block_angle"],
    "observation.environment_state": Array.from({ length: points }, (_, i) => [
      `point_${i}_x`,
      `point_${i}_y`,
    ]).flat(),
    action: ["target_x", "target_y"],
  },
});

for (const name of ["data", "meta"]) rmSync(join(target, name), { recursive: true, force: true });
await writeEpisodes(target, set);
copyFileSync(join(source, "LICENSE"), join(target, "LICENSE"));
