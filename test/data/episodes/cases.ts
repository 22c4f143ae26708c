import { type Episodes, episodesFromArrays } from "../../../src/data/index.ts";
import { array } from "../../../src/engine/index.ts";

/** Episodes of 3, 1 and 2 frames; state [10 r, r], action [r] in row r. */
export function smallSet(): Episodes {
  const rows = [0, 1, 2, 3, 4, 5];
  return episodesFromArrays({
    arrays: {
      "observation.state": array(rows.map((row) => [10 * row, row])),
      action: array(rows.map((row) => [row])),
    },
    episodeEnds: [3, 4, 6],
    fps: 10,
    task: "push",
    name: "small",
  });
}
