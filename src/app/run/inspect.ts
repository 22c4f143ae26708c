import { parseArrays } from "../../data/index.ts";
import { type DType, type NdArray, parseSafetensors, sizeOf } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { decodeModel, type OnnxModel } from "../../engine/onnx/index.ts";
import type { Files } from "../../engine/platform/index.ts";
import { platformFiles } from "../../train/files.ts";
import { type Checkpoint, loadCheckpoint, newestCheckpoint } from "../../train/index.ts";

/** One array of a file, or one tensor of a model. */
export interface InspectedArray {
  readonly name: string;
  readonly dtype: string;
  /** A name stands for a length that a model leaves open. */
  readonly shape: readonly (number | string)[];
  /** Of arrays of numbers; null where there are none that are finite. */
  readonly range?: readonly [least: number, most: number] | null;
  /** How many of them are not finite. */
  readonly notFinite?: number;
}

/** What is in a file or a folder. */
export interface Inspection {
  readonly path: string;
  readonly kind: "run" | "checkpoint" | "arrays" | "safetensors" | "onnx";
  /** What there is to know besides, by name. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Arrays under a heading each: "inputs", "parameters" … */
  readonly parts: Readonly<Record<string, readonly InspectedArray[]>>;
}

/**
 * Looks into a run, a checkpoint, or a file: npy, npz, csv, safetensors or onnx, by its bytes. Throws "io", and "format"
 * for what is none of these, or damaged.
 */
export async function inspectPath(path: string, files: Files = platformFiles): Promise<Inspection> {
  const names: string[] = await files.listFolder(path).catch(() => []); // a file has no names
  if (names.includes("checksums.json")) return ofCheckpoint(path, await loadCheckpoint(path, files));
  if (names.includes("recipe.yaml")) return ofRun(path, files, names);
  if (names.length > 0) {
    throw new AdvectError("format", path, {
      expected: "a run, a checkpoint, or a file",
      got: `a folder with ${names.slice(0, 4).join(", ")}`,
      ...(names.at(-1)!.startsWith("step-") && { fix: `Name one of them: ${path}/${names.at(-1)}.` }),
    });
  }
  return ofFile(path, await fileBytes(path, files));
}

/** An empty folder has no names either. */
async function fileBytes(path: string, files: Files): Promise<Uint8Array> {
  try {
    return await files.readFile(path);
  } catch (cause) {
    const { message } = cause as Error;
    const got = /EISDIR/.test(message)
      ? "an empty folder"
      : /ENOENT/.test(message)
        ? "nothing there"
        : undefined;
    if (got === undefined) throw cause;
    throw new AdvectError("io", path, { expected: "a run, a checkpoint, or a file", got, cause });
  }
}

async function ofRun(path: string, files: Files, names: readonly string[]): Promise<Inspection> {
  const newest = await newestCheckpoint(`${path}/checkpoints`, { files });
  if (!newest)
    return { path, kind: "run", facts: { files: names.join(", "), checkpoint: "none" }, parts: {} };
  const { facts, parts } = ofCheckpoint(newest.folder, newest);
  return { path, kind: "run", facts: { checkpoint: newest.folder, ...facts }, parts };
}

function ofCheckpoint(path: string, { config, model, stats, progress }: Checkpoint): Inspection {
  const recipe = (config.recipe ?? {}) as Record<string, { kind?: unknown } | undefined>;
  const word = (name: string) => (recipe[name]?.kind === undefined ? {} : { [name]: recipe[name].kind });
  return {
    path,
    kind: "checkpoint",
    facts: {
      ...(recipe.name && { name: recipe.name, kind: recipe.kind }),
      ...word("data"),
      ...word("method"),
      ...word("model"),
      step: progress.step,
      seconds: Math.round(10 * progress.seconds) / 10,
      ...progress.metrics,
      parameters: elementCount(Object.values(model)),
    },
    parts: {
      parameters: described(model),
      ...(Object.keys(stats).length > 0 && { units: described(stats) }),
    },
  };
}

function ofFile(path: string, bytes: Uint8Array): Inspection {
  const ending = /\.([^.]+)$/.exec(path)?.[1]?.toLowerCase();
  if (ending === "safetensors") {
    const { tensors, metadata } = parseSafetensors(bytes, path);
    const facts = { bytes: bytes.length, elements: elementCount(Object.values(tensors)), ...metadata };
    return { path, kind: "safetensors", facts, parts: { tensors: described(tensors) } };
  }
  if (ending === "onnx") return ofOnnx(path, decodeModel(bytes, path), bytes.length);
  checkEnding(path);
  const arrays = parseArrays(bytes, path);
  return { path, kind: "arrays", facts: { bytes: bytes.length }, parts: { arrays: described(arrays) } };
}

const endings = [".npy", ".npz", ".csv", ".safetensors", ".onnx"];

/** What is text or bytes of other sorts would be called a damaged csv. */
function checkEnding(path: string): void {
  const known = /\.(npy|npz|csv|tsv|txt|data)(\.gz)?$/i.test(path) || !/\.[^./\\]+$/.test(path);
  if (known) return;
  throw new AdvectError("format", path, {
    expected: `a run, a checkpoint, or a file called ${endings.join(", ")}`,
    got: path.split(/[/\\]/).at(-1),
  });
}

function ofOnnx(
  path: string,
  { graph, opsets, producer, metadata, irVersion }: OnnxModel,
  bytes: number,
): Inspection {
  const counts = new Map<string, number>();
  for (const { op } of graph.nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  const often = [...counts].sort(([, a], [, b]) => b - a).slice(0, 6);
  const ports = (list: typeof graph.inputs) =>
    list.map(({ name, dtype, shape }) => ({ name, dtype: dtype ?? "unknown", shape: shape ?? [] }));
  return {
    path,
    kind: "onnx",
    facts: {
      bytes,
      producer,
      irVersion,
      opsets: Object.entries(opsets)
        .map(([domain, version]) => `${domain || "onnx"} ${version}`)
        .join(", "),
      nodes: graph.nodes.length,
      operations: often.map(([op, count]) => `${op} ${count}`).join(", "),
      parameters: graph.initializers.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
      ...metadata,
    },
    parts: { inputs: ports(graph.inputs), outputs: ports(graph.outputs) },
  };
}

function elementCount(arrays: readonly NdArray<DType>[]): number {
  return arrays.reduce((sum, { data }) => sum + data.length, 0);
}

function described(arrays: Readonly<Record<string, NdArray<DType>>>): InspectedArray[] {
  return Object.entries(arrays).map(([name, array]) => ({
    name,
    dtype: array.dtype,
    shape: array.shape,
    ...rangeOf(array),
  }));
}

function rangeOf({ data }: NdArray<DType>): Pick<InspectedArray, "range" | "notFinite"> {
  let [least, most, bad] = [Infinity, -Infinity, 0];
  for (const element of data) {
    const value = Number(element);
    if (Number.isFinite(value)) [least, most] = [Math.min(least, value), Math.max(most, value)];
    else bad++;
  }
  return { range: least <= most ? [least, most] : null, notFinite: bad };
}
