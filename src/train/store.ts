import { AdvectError } from "../engine/error.ts";
import { check, count } from "./check.ts";
import {
  type Checkpoint,
  type Config,
  loadCheckpoint,
  type NamedArrays,
  saveCheckpoint,
} from "./checkpoint.ts";
import { type Files, platformFiles } from "./files.ts";
import type { Progress } from "./progress.ts";
import type { Snapshot } from "./trainer.ts";

export interface CheckpointOptions {
  /** Where the folders step-00001000, step-00002000 … go. A run goes on from the newest one that is there. */
  readonly folder: string;
  /** Steps from one checkpoint to the next; there is also one at the end and at each best validation. */
  readonly every: number;
  /** How many of the newest are kept, beside the one with the best validation; default 2. */
  readonly keep?: number;
  /** Saved as config.json: what someone needs to know to build the model again. */
  readonly config?: Config;
  /** Saved as stats.safetensors: what data are normalised with. */
  readonly stats?: NamedArrays;
}

export interface StoreContext {
  readonly files?: Files;
  readonly warn?: (message: string) => void;
}

/** The checkpoints of one run. */
export interface Store {
  /** The newest one that is whole; the damaged ones are warned of. Throws "format" if all are damaged. */
  newest(): Promise<Checkpoint | undefined>;
  /** Saves one, then removes those that are neither among the newest nor the best. Throws "io". Returns its folder. */
  save<P>(state: { readonly snapshot: Snapshot<P>; readonly progress: Progress }): Promise<string>;
}

export function checkpointStore(options: CheckpointOptions, context: StoreContext = {}): Store {
  const { folder, every, keep = 2, config, stats } = options;
  check("fit", count, { "checkpoint.every": every, "checkpoint.keep": keep });
  const { files = platformFiles, warn = console.warn } = context;
  return {
    async newest() {
      await sweep(folder, files);
      return newestCheckpoint(folder, { files, warn });
    },
    async save({ snapshot, progress }) {
      const path = `${folder}/${stepName(progress.step)}`;
      try {
        const more = { ...(config && { config }), ...(stats && { stats }) };
        await saveCheckpoint(path, { snapshot, progress, ...more }, files);
        await prune({ folder, keep, progress }, files);
      } catch (cause) {
        throw notSaved(path, progress.step, cause);
      }
      return path;
    },
  };
}

/** The newest whole checkpoint among the step-… folders in `folder`, if there are any. Throws "format" if all are damaged. */
export async function newestCheckpoint(
  folder: string,
  { files = platformFiles, warn = console.warn }: StoreContext = {},
): Promise<Checkpoint | undefined> {
  const steps = await stepsIn(folder, files);
  for (const step of steps) {
    try {
      return await loadCheckpoint(`${folder}/${stepName(step)}`, files);
    } catch (error) {
      if (!(error instanceof AdvectError)) throw error;
      warn(`A checkpoint cannot be used, the one before it is tried. ${error.message}`);
    }
  }
  if (steps.length === 0) return undefined;
  throw new AdvectError("format", "newestCheckpoint", {
    expected: `a whole checkpoint in ${folder}`,
    got: `${steps.length} damaged ones`,
    fix: "Bring one back from a copy, or remove them to start from the beginning.",
  });
}

const stepName = (step: number) => `step-${`${step}`.padStart(8, "0")}`;

/** The steps that have a folder, the newest first. */
async function stepsIn(folder: string, files: Files): Promise<number[]> {
  const names = await files.listFolder(folder);
  const steps = names.flatMap((name) => /^step-(\d{8,})$/.exec(name)?.slice(1).map(Number) ?? []);
  return steps.sort((a, b) => b - a);
}

/** Removes what a killed process left half-written. */
async function sweep(folder: string, files: Files): Promise<void> {
  const left = (await files.listFolder(folder)).filter((name) => /^\.step-\d+\..*\.tmp$/.test(name));
  for (const name of left) await files.removePath(`${folder}/${name}`);
}

async function prune(
  { folder, keep, progress }: { folder: string; keep: number; progress: Progress },
  files: Files,
): Promise<void> {
  const steps = await stepsIn(folder, files);
  const old = steps.filter((step) => step <= progress.step).slice(keep);
  for (const step of old) {
    if (step !== progress.best?.step) await files.removePath(`${folder}/${stepName(step)}`);
  }
}

function notSaved(path: string, step: number, cause: unknown): AdvectError {
  return new AdvectError("io", "fit", {
    expected: `to save ${path}`,
    got: cause instanceof AdvectError ? (cause.cause ?? cause) : cause,
    fix: `Training is intact at step ${step}: make room, then call fit again, or save its trainer elsewhere with saveCheckpoint.`,
    cause,
  });
}
