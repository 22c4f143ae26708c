import { dirname } from "node:path";
import { Command } from "commander";
import { AdvectError } from "../../engine/error.ts";
import { type Answer, answering, type CommonOptions } from "../answer.ts";
import type { Context } from "../context.ts";
import { outputFolder } from "../folders.ts";
import { collected, finite, labels, type RunFlags, runOptions, whole, withRunFlags } from "../options.ts";

interface SampleOptions extends CommonOptions, RunFlags {
  readonly count?: number;
  readonly steps?: number;
  readonly solver?: string;
  readonly guidance?: number;
  readonly label?: readonly number[];
  readonly condition?: string;
  readonly seed?: number;
  readonly set: readonly string[];
  readonly out?: string;
  readonly figure: boolean;
}

const examples = `
Examples:
  advect sample runs/two-moons --count 10000
  advect sample runs/two-moons --solver dopri5          a solver that chooses its steps
  advect sample runs/optdigits --label 3,8 --guidance 2.5
  advect sample runs/optdigits/checkpoints/step-00000500 --out early.npz

The file holds samples, x0 (where each began), and labels or condition. The same seed gives the same samples.`;

/** advect sample: from a run to an npz and a picture. */
export function sampleCommand(context: Context): Command {
  const command = withRunFlags(
    new Command("sample")
      .description("draw samples from a trained model")
      .argument("<run>", "the folder of a run, or of one of its checkpoints")
      .option("--count <n>", "how many (default: the recipe's sampling.count)", whole(1))
      .option("--steps <n>", "steps of the solver", whole(1))
      .option("--solver <name>", "euler, midpoint, heun2, rk4, dopri5, ddim, ddpm …")
      .option("--guidance <scale>", "of conditional models; 1 is none", finite)
      .option("--label <n...>", "classes to draw, one after the other (default: all of them)", labels)
      .option("--condition <file>", "rows that samples are told: npy, npz or csv")
      .option("--seed <n>", "of the noise (default: the recipe's)", whole(0))
      .option("--set <sampling.key=value>", "another word of the recipe's sampling", collected, [])
      .option("--out <file.npz>", "where the samples go (default: samples.npz in the run)")
      .option("--no-figure", "draw no picture beside them"),
  ).addHelpText("after", examples);
  return answering(command, context, (options: SampleOptions, run: string) => sample(run, options, context));
}

async function sample(path: string, options: SampleOptions, context: Context): Promise<Answer> {
  checkOut(options.out);
  const { dataOf, imageSummary, loadRun, reportImages, sampleRun, samplesBytes } = await import(
    "../../app/index.ts"
  );
  const { writeFileAtomic } = await import("../../engine/platform/index.ts");
  const warn = (message: string) => context.stderr.write(`${message}\n`);
  const run = await loadRun(path, { set: setsOf(options), warn });
  const needsData = options.figure || (run.recipe.kind === "points" && run.recipe.source !== undefined);
  const data = needsData ? await dataOf(run, warn) : undefined;
  const samples = await sampleRun(run, {
    ...runOptions(options),
    source: data?.source,
    ...(options.label && { labels: options.label }),
    ...(options.condition !== undefined && { vectors: await rowsOf(options.condition) }),
  });
  const out =
    options.out ?? (isCheckpoint(path, run.checkpoint.folder) ? "samples.npz" : `${path}/samples.npz`);
  outputFolder(dirname(out));
  await writeFileAtomic(out, samplesBytes(samples));
  const figures = options.figure ? await drawBeside(out, { run, samples, data, warn }) : [];
  const images = data && !options.label ? reportImages(run, samples, data) : null;
  const { solver, steps } = run.recipe.sampling;
  const facts = { solver: solver.kind, steps, nfe: samples.nfe, seed: run.recipe.seed };
  return {
    json: { out, count: samples.samples.shape[0], shape: samples.samples.shape, ...facts, images, figures },
    text: [
      `${samples.samples.shape[0]} samples of shape [${run.sizes.shape}] by ${solver.kind}, ${samples.nfe} evaluations each: ${out}`,
      ...(images ? imageSummary(images) : []),
      ...(figures.length > 0 ? [`Picture: ${figures[0]}`] : []),
    ].join("\n"),
  };
}

function checkOut(out: string | undefined): void {
  if (out === undefined || out.endsWith(".npz")) return;
  throw new AdvectError("option", "--out", { expected: "a file called ….npz", got: out });
}

const isCheckpoint = (path: string, folder: string) => path.replace(/[/\\]+$/, "") === folder;

/** Flags that are short for words of the recipe. */
function setsOf({ set, count, steps, solver, guidance, seed }: SampleOptions): string[] {
  const words = {
    "sampling.count": count,
    "sampling.steps": steps,
    "sampling.solver": solver,
    "sampling.guidance.scale": guidance,
    seed,
  };
  const given = Object.entries(words).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  return [...set, ...given];
}

async function rowsOf(file: string) {
  const { loadArrays } = await import("../../data/index.ts");
  const { asType } = await import("../../engine/array/index.ts");
  const arrays = await loadArrays(file);
  return asType(arrays.condition ?? Object.values(arrays)[0]!, "float32");
}

type Drawing = Parameters<typeof import("../../app/index.ts").samplesPicture>[0] & {
  readonly warn: (message: string) => void;
};

/** samples.npz gets samples.svg, samples-dark.svg and their png. */
async function drawBeside(out: string, { warn, ...shown }: Drawing): Promise<string[]> {
  const { samplesPicture } = await import("../../app/index.ts");
  const { writeFileAtomic } = await import("../../engine/platform/index.ts");
  const stem = out.replace(/\.npz$/, "");
  const files = await samplesPicture(shown, warn);
  for (const [ending, bytes] of Object.entries(files)) await writeFileAtomic(`${stem}${ending}`, bytes);
  return Object.keys(files).map((ending) => `${stem}${ending}`);
}
