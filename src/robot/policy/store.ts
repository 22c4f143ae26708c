import { asType, type NdArray, parseSafetensors, safetensorsBytes } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { key } from "../../engine/random/index.ts";
import type { RunOptions } from "../../engine/runtime/index.ts";
import { namedLeaves } from "../../engine/tensor/index.ts";
import type { Params, Values } from "../../nn/index.ts";
import { listed, verified } from "../../train/checksums.ts";
import { type Files, platformFiles } from "../../train/files.ts";
import { arranged, type Config } from "../../train/index.ts";
import { type PolicyDesign, parsePolicyDesign } from "./design.ts";
import { methodOf } from "./method/index.ts";
import { type NeuralPolicy, neuralPolicy, type PolicyModel } from "./neural-policy.ts";
import { checkScalings, type Scalings, scalingsFromArrays, scalingsToArrays } from "./scaling.ts";

/** What config.json says of a policy: that of `savePolicy`, and that of every checkpoint of its training. */
export interface PolicyConfig {
  readonly policy: PolicyDesign;
  /** Whether ema.safetensors, where there is one, has the parameters to act with. */
  readonly averaged: boolean;
}

export interface SaveOptions {
  /** More for config.json, such as how it was trained. */
  readonly config?: Config;
  /** Kept as metrics.json: how well it does. */
  readonly metrics?: unknown;
  readonly files?: Files;
}

/** Writes a policy as a folder: config.json, model.safetensors, stats.safetensors, all or nothing. Throws "io". */
export async function savePolicy(
  folder: string,
  { design, scalings, params }: PolicyModel,
  { config, metrics, files = platformFiles }: SaveOptions = {},
): Promise<void> {
  const whole: PolicyConfig & Config = { ...config, policy: design, averaged: false };
  await files.writeFolderAtomic(
    folder,
    listed({
      "config.json": json(whole),
      "model.safetensors": tensors(namedLeaves<NdArray>(params)),
      "stats.safetensors": tensors(Object.entries(scalingsToArrays(scalings))),
      ...(metrics !== undefined && { "metrics.json": json(metrics) }),
    }),
  );
}

const json = (value: unknown) => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
const tensors = (arrays: Iterable<readonly [string, NdArray]>) =>
  safetensorsBytes({ tensors: Object.fromEntries(arrays) });

export interface LoadPolicyOptions extends RunOptions {
  readonly files?: Files;
  /** Changes of the design that need no training, such as another solver. */
  readonly change?: (design: PolicyDesign) => PolicyDesign;
}

/** `loadPolicyModel`, opened. */
export async function loadPolicy(path: string, options: LoadPolicyOptions = {}): Promise<NeuralPolicy> {
  const { files = platformFiles, change = (design: PolicyDesign) => design, ...run } = options;
  const model = await loadPolicyModel(path, files);
  return neuralPolicy({ ...model, design: change(model.design) }, run);
}

/**
 * A policy from its folder, from a checkpoint of its training, or from the newest one of a run. Throws "io" where there
 * is none, "format" for damaged files and foreign ones, "option" for a normalisation that is missing, "shape" for
 * parameters of another network.
 */
export async function loadPolicyModel(path: string, files: Files = platformFiles): Promise<PolicyModel> {
  const folder = await folderAt(path, files);
  const { names, read } = await verified(folder, files);
  const where = `${folder}/config.json`;
  const { policy, averaged } = parsedConfig(await read("config.json"), where);
  const design = parsePolicyDesign(policy, where);
  const load = async (name: string) => {
    const { tensors: found } = parseSafetensors(await read(name), `${folder}/${name}`);
    return Object.fromEntries(
      Object.entries(found).map(([name, array]) => [name, asType(array as NdArray, "float32")]),
    );
  };
  const file = averaged && names.includes("ema.safetensors") ? "ema.safetensors" : "model.safetensors";
  const like = methodOf(design).init(key(0));
  const params = arranged(await load(file), { like, where: `${folder}/${file}` }) as Values<Params>;
  const scalings: Scalings = names.includes("stats.safetensors")
    ? scalingsFromArrays(await load("stats.safetensors"))
    : {};
  checkScalings(scalings, design, folder);
  return { design, scalings, params };
}

/** Whether `loadPolicy` opens what is there; for commands that also take other models. */
export async function isPolicy(path: string, files: Files = platformFiles): Promise<boolean> {
  try {
    const folder = await folderAt(path, files);
    const text = new TextDecoder().decode(await files.readFile(`${folder}/config.json`));
    return typeof JSON.parse(text)?.policy === "object";
  } catch {
    return false; // what is wrong there is told by those who open it
  }
}

function parsedConfig(bytes: Uint8Array, where: string): PolicyConfig {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new AdvectError("format", where, { expected: "JSON", got: cause, cause });
  }
  const config = value as Partial<PolicyConfig>;
  if (config?.policy !== undefined) return { policy: config.policy, averaged: config.averaged === true };
  throw new AdvectError("format", where, {
    expected: "the config of a policy",
    got: Object.keys(config ?? {}).join(", ") || "nothing",
    fix: "Only what trained or saved a policy can act; samples are drawn by advect sample.",
  });
}

/** The folder that has config.json: `path`, or the newest checkpoint in it or in its checkpoints/. */
async function folderAt(path: string, files: Files): Promise<string> {
  const names = await files.listFolder(path);
  if (names.includes("config.json")) return path;
  const inside = names.includes("checkpoints") ? `${path}/checkpoints` : path;
  const newest = (await files.listFolder(inside)).filter((name) => /^step-\d+$/.test(name)).at(-1);
  if (newest !== undefined) return `${inside}/${newest}`;
  throw new AdvectError("io", path, {
    expected: "the folder of a policy, a checkpoint, or a run with checkpoints",
    got: names.length === 0 ? "nothing there" : `a folder with ${names.slice(0, 4).join(", ")}`,
    fix: "Train one: advect train pusht.",
  });
}
