import { Command } from "commander";
import type { Episodes } from "../../data/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { type Answer, answering, type CommonOptions } from "../answer.ts";
import type { Context } from "../context.ts";
import { collected, finite, whole } from "../options.ts";
import { grouped, table } from "../table.ts";

const examples = `
Examples:
  advect dataset info datasets/pusht
  advect dataset validate recordings/pick --json
  advect dataset stats datasets/pusht
  advect dataset convert pusht.zarr.zip recordings/pusht --fps 10 --task "Push the T."
  advect dataset convert demos.npz recordings/door --fps 40
  advect dataset convert recordings/v2 recordings/v3 --drop observation.images.wrist
  advect dataset show datasets/pusht --episode 3 --out pictures

Reads LeRobotDataset v3.0, v2.1 and v2.0, diffusion_policy's zarr (a folder or a zip), and npz with an array
episode_ends; writes v3.0.`;

interface SourceFlags extends CommonOptions {
  readonly fps?: number;
  readonly key: readonly string[];
}

/** advect dataset: recorded episodes of robots. */
export function datasetCommand(context: Context): Command {
  return new Command("dataset")
    .description("look at recorded episodes of robots, check and convert them")
    .addCommand(infoCommand(context))
    .addCommand(validateCommand(context))
    .addCommand(statsCommand(context))
    .addCommand(convertCommand(context))
    .addCommand(showCommand(context))
    .addHelpText("after", examples);
}

const source = (name: string, description: string) =>
  new Command(name)
    .description(description)
    .argument("<data>", "the folder or file of a data set")
    .option("--fps <n>", "frames per second, of zarr and npz, which do not say it", finite)
    .option("--key <name>", "an array of zarr or npz to read, one or more (default: all)", collected, []);

const sourceOptions = ({ fps, key }: SourceFlags) => ({
  ...(fps !== undefined && { fps }),
  ...(key.length > 0 && { keys: key }),
});

async function load(path: string, flags: SourceFlags): Promise<Episodes> {
  const { loadEpisodes } = await import("../../data/index.ts");
  return loadEpisodes(path, sourceOptions(flags));
}

function infoCommand(context: Context): Command {
  return answering(
    source("info", "say what is in a data set"),
    context,
    async (flags: SourceFlags, path: string) => describe(path, await load(path, flags)),
  );
}

async function describe(path: string, set: Episodes): Promise<Answer> {
  const { frameCount } = await import("../../data/index.ts");
  const lengths = set.episodes.map(({ start, end }) => end - start).toSorted((a, b) => a - b);
  const facts = {
    episodes: set.episodes.length,
    frames: frameCount(set),
    fps: set.fps,
    seconds: frameCount(set) / set.fps,
    episodeFrames: {
      least: lengths[0],
      median: lengths[Math.floor(lengths.length / 2)],
      most: lengths.at(-1),
    },
    robot: set.robotType ?? null,
    tasks: set.tasks,
    statistics: Object.keys(set.statistics ?? {}),
  };
  const rows = Object.entries(set.features).map(([name, { dtype, shape, names }]) => [
    name,
    dtype,
    `[${shape.join(", ")}]`,
    shortList(names ?? []),
  ]);
  const { least, median, most } = facts.episodeFrames;
  const text = [
    `${path}: ${grouped(facts.episodes)} episodes, ${grouped(facts.frames)} frames at ${set.fps} fps`,
    `  ${least} to ${most} frames an episode, median ${median}; ${Math.round(facts.seconds)} s in all`,
    ...set.tasks.slice(0, 8).map((task) => `  task: ${task}`),
    `\n${table(rows, "  ")}`,
  ].join("\n");
  return { json: { path, ...facts, features: set.features }, text };
}

const shortList = (names: readonly string[]) =>
  names.length > 6 ? `${names.slice(0, 5).join(", ")}, …` : names.join(", ");

function validateCommand(context: Context): Command {
  return answering(
    source("validate", "look for what is wrong with a data set; ends with 1 where there are errors"),
    context,
    async (flags: SourceFlags, path: string): Promise<Answer> => {
      const { validateEpisodes } = await import("../../data/index.ts");
      const { problems } = await validateEpisodes(path, sourceOptions(flags));
      const errors = problems.filter(({ severity }) => severity === "error").length;
      const lines = problems.map(({ severity, where, message }) => `${severity}: ${where}: ${message}`);
      const sum = `${path}: ${errors} errors, ${problems.length - errors} warnings`;
      return {
        json: { path, valid: errors === 0, problems },
        text: [...lines, sum].join("\n"),
        exitCode: errors === 0 ? 0 : 1,
      };
    },
  );
}

function statsCommand(context: Context): Command {
  return answering(
    source("stats", "compute statistics of the features"),
    context,
    async (flags: SourceFlags, path: string): Promise<Answer> => {
      const { episodeStatistics, statisticsToJson } = await import("../../data/index.ts");
      const set = await load(path, flags);
      const statistics = episodeStatistics(set);
      const columns = ["min", "q01", "q50", "q99", "max", "mean", "std"] as const;
      const rows = Object.entries(statistics).flatMap(([key, of]) =>
        Array.from(of.mean.data, (_, i) => [
          elementName(set, { key, i }),
          ...columns.map((name) => Number(of[name].data[i]!.toPrecision(5))),
        ]),
      );
      return {
        json: { path, statistics: statisticsToJson(statistics) },
        text: table([["", ...columns], ...rows]),
      };
    },
  );
}

function elementName(set: Episodes, { key, i }: { readonly key: string; readonly i: number }): string {
  const { names, shape } = set.features[key]!;
  if (shape.length === 1 && shape[0] === 1) return key;
  return `${key} ${names && names.length === shape[0] ? names[i] : i}`;
}

interface ConvertFlags extends SourceFlags {
  readonly task?: string;
  readonly robot?: string;
  readonly drop: readonly string[];
  readonly episodes?: string;
}

function convertCommand(context: Context): Command {
  const command = source("convert", "write a data set as a LeRobotDataset v3.0")
    .argument("<folder>", "where it goes: a new or empty folder")
    .option("--task <text>", "what the robot was asked for, where the source does not say it")
    .option("--robot <name>", "what robot it was, where the source does not say it")
    .option("--drop <feature>", "a feature to leave out, one or more", collected, [])
    .option("--episodes <list>", "places of episodes, such as 0-9,20 (default: all)");
  return answering(command, context, (flags: ConvertFlags, path: string, folder: string) =>
    convert({ path, folder, flags }),
  );
}

interface Conversion {
  readonly path: string;
  readonly folder: string;
  readonly flags: ConvertFlags;
}

async function convert({ path, folder, flags }: Conversion): Promise<Answer> {
  const { frameCount, loadEpisodes, selectEpisodes, withoutFeatures, writeEpisodes } = await import(
    "../../data/index.ts"
  );
  const { task, robot, drop, episodes } = flags;
  const loaded = await loadEpisodes(path, {
    ...sourceOptions(flags),
    ...(task !== undefined && { task }),
    ...(robot !== undefined && { robotType: robot }),
  });
  const unknown = drop.find((key) => !Object.hasOwn(loaded.features, key));
  if (unknown !== undefined) {
    throw new AdvectError("option", "--drop", {
      expected: `one of ${Object.keys(loaded.features).join(", ")}`,
      got: unknown,
    });
  }
  const kept = withoutFeatures(loaded, drop);
  const set = episodes === undefined ? kept : selectEpisodes(kept, placesIn(episodes));
  await writeEpisodes(folder, set);
  const facts = { folder, episodes: set.episodes.length, frames: frameCount(set) };
  return {
    json: facts,
    text: `${folder}: ${grouped(facts.episodes)} episodes, ${grouped(facts.frames)} frames`,
  };
}

/** "0-9,20" */
function placesIn(text: string): number[] {
  return text.split(",").flatMap((part) => {
    const [, from, to = from] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? [];
    const count = Number(to) - Number(from) + 1;
    if (count >= 1 && count <= 1e6) return Array.from({ length: count }, (_, i) => Number(from) + i);
    throw new AdvectError("option", "--episodes", { expected: "places such as 0-9,20", got: text });
  });
}

interface ShowFlags extends SourceFlags {
  readonly episode: number;
  readonly out: string;
}

function showCommand(context: Context): Command {
  const command = source("show", "draw an episode: its curves, histograms of actions, frames of cameras")
    .option("--episode <n>", "its place in the data set", whole(0), 0)
    .option("--out <folder>", "where the pictures go", ".");
  return answering(command, context, async (flags: ShowFlags, path: string): Promise<Answer> => {
    const { drawEpisode } = await import("./dataset-figures.ts");
    const warn = (message: string) => context.stderr.write(`${message}\n`);
    const set = await load(path, flags);
    const names = await drawEpisode(set, { episode: flags.episode, folder: flags.out, warn });
    return { json: { path, episode: flags.episode, figures: names }, text: names.join("\n") };
  });
}
