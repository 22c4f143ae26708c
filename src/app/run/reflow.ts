import { npzBytes, parseNpz } from "../../engine/array/index.ts";
import { arrayBatches, type Batches, mapBatches } from "../../train/index.ts";
import type { BatchArrays, StepArguments } from "../build/batches.ts";
import { runFolder } from "./folder.ts";
import { makePairs, type PairsRequest } from "./pairs.ts";

export interface RoundRequest extends PairsRequest {
  readonly folder: string;
}

/**
 * Batches of a later round of rectified flow: pairs (x0, x1) that the flow of the round before makes [liu2023]. They are
 * kept in the run's folder, so that a round that was interrupted goes on with the same ones. Undefined when the signal
 * aborts before there are any.
 */
export async function roundBatches(request: RoundRequest): Promise<Batches<StepArguments> | undefined> {
  const arrays = await pairsOf(request);
  if (!arrays) return undefined;
  const { x0, x1, ...condition } = arrays;
  const rows = { x0, x1, condition } as unknown as BatchArrays;
  const batches = arrayBatches(rows, { batchSize: request.recipe.training.batch });
  return mapBatches(batches, ({ batch, key }): StepArguments => [batch as BatchArrays, key]);
}

async function pairsOf(request: RoundRequest) {
  const { files, folder, round } = request;
  const path = runFolder(folder).pairs(round);
  if (await hasPairs(request)) return parseNpz(await files.readFile(path), path);
  const made = await makePairs(request);
  if (made) await files.writeFileAtomic(path, npzBytes(made));
  return made;
}

/** Whether the pairs of a round are made. */
export async function hasPairs({
  files,
  folder,
  round,
}: Pick<RoundRequest, "files" | "folder" | "round">): Promise<boolean> {
  const name = runFolder(folder)
    .pairs(round)
    .slice(folder.length + 1);
  return (await files.listFolder(folder)).includes(name);
}
