import { type NdArray, npzBytes, parseNpz } from "../../engine/array/index.ts";
import type { Files } from "../../engine/platform/index.ts";
import type { Key } from "../../engine/random/index.ts";
import type { Params, Values } from "../../nn/index.ts";
import { arrayBatches, type Batches, mapBatches, type Snapshot } from "../../train/index.ts";
import type { BatchArrays, StepArguments } from "../build/batches.ts";
import type { Data } from "../build/data.ts";
import type { Plan } from "../build/plan.ts";
import { sampleWith } from "../build/sample.ts";
import { startsOf, toldRows } from "../build/starts.ts";
import type { CompleteRecipe } from "../recipe/index.ts";
import { runFolder } from "./folder.ts";

export interface RoundRequest {
  readonly recipe: CompleteRecipe;
  readonly plan: Plan;
  readonly data: Data;
  readonly trainer: {
    readonly threads: number;
    snapshot(): Snapshot<Params>;
  };
  readonly files: Files;
  readonly folder: string;
  /** From 1. */
  readonly round: number;
  readonly key: Key;
  readonly warn?: ((message: string) => void) | undefined;
}

/**
 * Batches of a later round of rectified flow: pairs (x0, x1) that the flow of the round before makes [liu2023]. They are
 * kept in the run's folder, so that a round that was interrupted goes on with the same ones.
 */
export async function roundBatches(request: RoundRequest): Promise<Batches<StepArguments>> {
  const { files, folder, round, recipe } = request;
  const path = runFolder(folder).pairs(round);
  const names = await files.listFolder(folder);
  const name = path.slice(folder.length + 1);
  const { x0, x1, ...condition } = names.includes(name)
    ? parseNpz(await files.readFile(path), path)
    : await made(request, path);
  const rows = { x0, x1, condition } as unknown as BatchArrays;
  const batches = arrayBatches(rows, { batchSize: recipe.training.batch });
  return mapBatches(batches, ({ batch, key }): StepArguments => [batch as BatchArrays, key]);
}

async function made({ plan, data, trainer, files, recipe, round, key, warn }: RoundRequest, path: string) {
  const { pairs = recipe.kind === "images" ? 4000 : 20_000, steps = 32 } = recipe.method as Extract<
    CompleteRecipe["method"],
    { kind: "reflow" }
  >;
  const count = Math.max(pairs, recipe.training.batch);
  warn?.(`Making ${count} pairs for round ${round + 1} of rectified flow.`);
  const own = key.fold("pairs").fold(round);
  const { ema, params } = trainer.snapshot();
  const rows = "rows" in data.from ? data.from.rows : undefined;
  const told = toldRows(plan, { count, vectors: rows?.vector });
  const x0 = startsOf(plan, { count, key: own, source: data.source });
  const { x: x1 } = await sampleWith(plan, {
    params: (recipe.training.ema.kind === "none" ? params : ema) as Values<Params>,
    x0,
    told,
    key: own,
    solver: { kind: "midpoint" },
    steps,
    threads: trainer.threads,
  });
  const arrays: Record<string, NdArray> = { x0, x1, ...told };
  await files.writeFileAtomic(path, npzBytes(arrays));
  return arrays;
}
