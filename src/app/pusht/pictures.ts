import type { AdvectError } from "../../engine/error.ts";
import { runProgram, writeFileAtomic } from "../../engine/platform/index.ts";
import { gifBytes, imagePng } from "../../figure/index.ts";
import type { Episode } from "../../robot/index.ts";
import { contactSheet, replayFrames } from "./replay.ts";

export interface PictureOptions {
  /** Told why there is no film. */
  readonly warn?: (message: string) => void;
}

const shown = 6;
const frameMs = 100;

/**
 * Writes final.png, the last frames of all episodes; replay.gif, six of them at twice their speed, some failures among them; and
 * replay.mp4 where ffmpeg is on the PATH. Returns the names. Throws "io".
 */
export async function savePictures(
  folder: string,
  episodes: readonly Episode[],
  { warn }: PictureOptions = {},
): Promise<string[]> {
  await writeFileAtomic(`${folder}/final.png`, imagePng(contactSheet(episodes)));
  const frames = replayFrames(worthSeeing(episodes));
  await writeFileAtomic(`${folder}/replay.gif`, gifBytes({ frames, frameMs, lastMs: 2000 }));
  const film = await saveFilm(folder).catch((error: AdvectError) => void warn?.(`No film: ${error.message}`));
  return ["final.png", "replay.gif", ...(film ? [film] : [])];
}

/** Some that failed, the rest in order. */
function worthSeeing(episodes: readonly Episode[]): Episode[] {
  const failures = episodes.filter(({ success }) => !success).slice(0, shown / 2);
  const others = episodes.filter((episode) => !failures.includes(episode));
  return [...others.slice(0, shown - failures.length), ...failures];
}

async function saveFilm(folder: string): Promise<string> {
  const [gif, film] = [`${folder}/replay.gif`, `${folder}/replay.mp4`];
  const even = "scale=trunc(iw/2)*2:trunc(ih/2)*2";
  await runProgram("ffmpeg", ["-v", "error", "-y", "-i", gif, "-vf", even, "-pix_fmt", "yuv420p", film]);
  return "replay.mp4";
}
