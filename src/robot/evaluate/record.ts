import { AdvectError } from "../../engine/error.ts";
import {
  appendLine,
  listFolder,
  readFile,
  writeFileAtomic,
  writeFolderAtomic,
} from "../../engine/platform/index.ts";
import type { Episode } from "./episode.ts";

/** What must be the same for episodes to belong together. */
export type Settings = Readonly<Record<string, string | number | null>>;

/** Episodes on the disk, so that an evaluation can go on where it was stopped. */
export interface EpisodeRecord {
  /** Those that are there, by seed. */
  readonly done: ReadonlyMap<number, Episode>;
  append(episode: Episode): Promise<void>;
}

const settingsFile = "settings.json";
export const episodesFile = "episodes.jsonl";

/**
 * Opens or begins the record in a folder: settings.json and episodes.jsonl, a line an episode, appended as they end. A
 * torn last line counts for nothing. Throws "option" where the folder holds episodes of other settings, "io".
 */
export async function episodeRecord(folder: string, settings: Settings): Promise<EpisodeRecord> {
  const names = await listFolder(folder);
  const text = `${JSON.stringify(settings, null, 2)}\n`;
  const done = new Map<number, Episode>();
  if (names.includes(settingsFile)) {
    checkSettings(folder, await textOf(`${folder}/${settingsFile}`), text);
    if (names.includes(episodesFile)) {
      const lines = await textOf(`${folder}/${episodesFile}`);
      if (lines !== "" && !lines.endsWith("\n")) await appendLine(`${folder}/${episodesFile}`, ""); // ends a torn line
      for (const episode of parsed(lines)) done.set(episode.seed, episode);
    }
  } else {
    const bytes = new TextEncoder().encode(text);
    if (names.length === 0) await writeFolderAtomic(folder, { [settingsFile]: bytes });
    else await writeFileAtomic(`${folder}/${settingsFile}`, bytes);
  }
  return {
    done,
    append: (episode) => appendLine(`${folder}/${episodesFile}`, JSON.stringify(episode)),
  };
}

const textOf = async (path: string) => new TextDecoder().decode(await readFile(path));

function checkSettings(folder: string, there: string, wanted: string): void {
  if (there === wanted) return;
  throw new AdvectError("option", "evaluate", {
    expected: `episodes of these settings in ${folder}`,
    got: there.trim(),
    fix: "Choose another folder, or remove this one.",
  });
}

function parsed(text: string): Episode[] {
  return text.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as Episode];
    } catch {
      return []; // the end of a file that was cut off, or the empty line at its end
    }
  });
}
