import type { NdArray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { Files } from "../../engine/platform/index.ts";
import { key } from "../../engine/random/index.ts";
import type { Params, Values } from "../../nn/index.ts";
import { platformFiles } from "../../train/files.ts";
import { arranged, type Checkpoint, loadCheckpoint, newestCheckpoint } from "../../train/index.ts";
import { type Plan, planOf } from "../build/plan.ts";
import { type Units, unitsFrom } from "../build/units.ts";
import { kinds } from "../kinds.ts";
import { type RunConfig, readConfig } from "./config.ts";

/** A trained model, with what it was trained for. */
export interface LoadedRun extends RunConfig {
  readonly plan: Plan;
  /** The moving average where there is one. */
  readonly params: Values<Params>;
  readonly units: Units;
  readonly checkpoint: Checkpoint;
}

export interface LoadRequest {
  readonly files?: Files;
  readonly warn?: (message: string) => void;
  /** `sampling.steps=50`: how to sample, in the place of the recipe's own words. */
  readonly set?: readonly string[];
}

/**
 * The newest checkpoint of a run, or the checkpoint that `path` is. Throws "io" where there is none, "format" for damaged
 * ones, "option" for a recipe that this version does not know, "shape" for tensors of another model.
 */
export async function loadRun(path: string, request: LoadRequest = {}): Promise<LoadedRun> {
  const { set = [] } = request;
  checkSet(set);
  const checkpoint = await checkpointAt(path, request);
  const config = readConfig(checkpoint.config, `${checkpoint.folder}/config.json`, set);
  const { recipe, sizes } = config;
  const plan = planOf(recipe, sizes);
  const like = plan.init(key(recipe.seed).fold("model"));
  const averaged = recipe.training.ema.kind !== "none";
  const file = averaged ? "ema" : "model";
  const where = `${checkpoint.folder}/${file}.safetensors`;
  return {
    ...config,
    plan,
    params: arranged(checkpoint[file], { like, where }) as Values<Params>,
    units: unitsFrom(
      kinds[recipe.kind].units(recipe),
      checkpoint.stats as Record<string, NdArray<"float32">>,
    ),
    checkpoint,
  };
}

async function checkpointAt(path: string, { files = platformFiles, warn }: LoadRequest): Promise<Checkpoint> {
  const names = await files.listFolder(path);
  if (names.includes("checksums.json")) return loadCheckpoint(path, files);
  const inside = names.includes("checkpoints") ? `${path}/checkpoints` : path;
  const newest = await newestCheckpoint(inside, { files, ...(warn && { warn }) });
  if (newest) return newest;
  throw new AdvectError("io", path, {
    expected: "a run with a checkpoint, or a checkpoint",
    got: names.length === 0 ? "nothing there" : `a folder with ${names.slice(0, 4).join(", ")}`,
    fix: "Train one: advect train two-moons.",
  });
}

/** What is trained cannot be set any more. */
function checkSet(set: readonly string[]): void {
  const wrong = set.find((text) => !/^(sampling|seed)\b/.test(text));
  if (wrong === undefined) return;
  throw new AdvectError("option", `--set ${wrong}`, {
    expected: "sampling.… or seed, for a model that is trained",
    got: wrong,
    fix: "Train another one: advect train … --set key=value.",
  });
}
