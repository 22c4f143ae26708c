import { asType, type NdArray, parseSafetensors, safetensorsBytes } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import { type Mapped, mapTree, namedLeaves, sameShape } from "../engine/tensor/index.ts";
import { listed, verified } from "./checksums.ts";
import { type Files, platformFiles } from "./files.ts";
import { checkedProgress, type Progress } from "./progress.ts";
import type { Snapshot } from "./trainer.ts";

/** Arrays by path, "block.0.weight". */
export type NamedArrays = Readonly<Record<string, NdArray<"float32">>>;

/** What was trained, for those who read the checkpoint: plain JSON. */
export type Config = Readonly<Record<string, unknown>>;

/**
 * A folder: config.json, model.safetensors, ema.safetensors, optimizer.safetensors, stats.safetensors (if there are
 * any), progress.json, checksums.json.
 */
export interface Checkpoint {
  readonly folder: string;
  readonly config: Config;
  readonly model: NamedArrays;
  /** The moving average of the model; equal to its first values when none is kept. */
  readonly ema: NamedArrays;
  /** The optimiser's memory, "m.block.0.weight". */
  readonly optimizer: NamedArrays;
  /** What data are normalised with. */
  readonly stats: NamedArrays;
  readonly progress: Progress & { readonly updates: number };
}

export interface CheckpointContent<P> {
  readonly snapshot: Snapshot<P>;
  readonly progress: Progress;
  readonly config?: Config;
  readonly stats?: NamedArrays;
}

/** Writes a checkpoint: all of it or nothing. Throws "io". */
export async function saveCheckpoint<P>(
  folder: string,
  { snapshot, progress, config = {}, stats }: CheckpointContent<P>,
  files: Files = platformFiles,
): Promise<void> {
  const optimizer = Object.entries(snapshot.moments).flatMap(([name, tree]) =>
    [...namedLeaves<NdArray>(tree)].map(([path, array]) => [`${name}.${path}`, array] as const),
  );
  await files.writeFolderAtomic(
    folder,
    listed({
      "config.json": jsonBytes(config),
      "model.safetensors": tensorBytes(namedLeaves<NdArray>(snapshot.params)),
      "ema.safetensors": tensorBytes(namedLeaves<NdArray>(snapshot.ema)),
      "optimizer.safetensors": tensorBytes(optimizer),
      ...(stats && { "stats.safetensors": tensorBytes(Object.entries(stats)) }),
      "progress.json": jsonBytes({ ...progress, updates: snapshot.step }),
    }),
  );
}

const jsonBytes = (value: unknown) => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
const tensorBytes = (arrays: Iterable<readonly [string, NdArray]>) =>
  safetensorsBytes({ tensors: Object.fromEntries(arrays) });

/**
 * Reads a checkpoint whose files are all there and are the bytes that were written. Throws "io" for a missing file and
 * "format" for a damaged one, naming it.
 */
export async function loadCheckpoint(folder: string, files: Files = platformFiles): Promise<Checkpoint> {
  const { names, read } = await verified(folder, files);
  const tensors = async (name: string) => {
    const where = `${folder}/${name}`;
    const { tensors: found } = parseSafetensors(await read(name), where);
    return Object.fromEntries(
      Object.entries(found).map(([path, array]) => [path, asType(array as NdArray, "float32")]),
    );
  };
  const json = async (name: string) => parsed(await read(name), `${folder}/${name}`);
  const progress = checkedProgress(await json("progress.json"), `${folder}/progress.json`);
  return {
    folder,
    config: (await json("config.json")) as Config,
    model: await tensors("model.safetensors"),
    ema: await tensors("ema.safetensors"),
    optimizer: await tensors("optimizer.safetensors"),
    stats: names.includes("stats.safetensors") ? await tensors("stats.safetensors") : {},
    progress: progress as Checkpoint["progress"],
  };
}

export function parsed(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new AdvectError("format", where, { expected: "JSON", got: cause, cause });
  }
}

/**
 * The snapshot in a checkpoint, arranged as `like`, a snapshot of the trainer that will go on. Throws "shape" naming the
 * first tensor that one has and the other has not, or in another shape.
 */
export function snapshotOf<P>(checkpoint: Checkpoint, like: Snapshot<P>): Snapshot<P> {
  const { folder, model, ema, optimizer, progress } = checkpoint;
  const moments = arranged(optimizer, { like: like.moments, where: `${folder}/optimizer.safetensors` });
  return {
    step: progress.updates,
    params: arranged(model, { like: like.params, where: `${folder}/model.safetensors` }),
    ema: arranged(ema, { like: like.ema, where: `${folder}/ema.safetensors` }),
    moments,
  } as Snapshot<P>;
}

/** Named arrays as the tree `like`, such as the values of `model.init`. Throws "shape" naming the first tensor that differs. */
export function arranged<T>(
  arrays: NamedArrays,
  { like, where = "arranged" }: { readonly like: T; readonly where?: string },
): Mapped<T, NdArray<"float32">> {
  const known = namedLeaves<NdArray>(like);
  const tree = mapTree(like, ({ shape }: NdArray, path) => {
    const found = Object.hasOwn(arrays, path) ? arrays[path]! : undefined;
    if (found && sameShape(found.shape, shape)) return found;
    throw differs(
      where,
      `tensor ${path} of shape [${shape}]`,
      found ? `shape [${found.shape}]` : "no such tensor",
    );
  });
  const extra = Object.keys(arrays).find((path) => !known.has(path));
  if (extra === undefined) return tree;
  throw differs(where, "only the tensors of the model", `also ${extra} of shape [${arrays[extra]!.shape}]`);
}

function differs(where: string, expected: string, got: string): AdvectError {
  const fix = "Build the model and the optimiser that were saved, or train in another folder.";
  return new AdvectError("shape", where, { expected, got, fix });
}
