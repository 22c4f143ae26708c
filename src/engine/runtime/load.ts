import type { DType, NdArray } from "../array/index.ts";
import { AdvectError } from "../error.ts";
import { readFile } from "../platform/index.ts";
import type { Device } from "./device.ts";
import { defaultDevice, openSession } from "./open.ts";
import type { Arrays, ValueType } from "./session.ts";

export interface LoadOptions {
  readonly device?: Device;
  /** Default 1. */
  readonly threads?: number;
  /** What error messages call the model. Default: the path, or "model". */
  readonly where?: string;
}

/** A model from anywhere, as a function of named arrays. Dispose it: it holds memory outside of JavaScript. */
export interface LoadedModel extends Disposable {
  (feeds: Arrays): Promise<Arrays>;
  readonly inputs: readonly ValueType[];
  readonly outputs: readonly ValueType[];
  readonly device: Device;
}

/**
 * Loads an ONNX file, given by its path or its bytes, to run as it is. Throws "format" for a file that ONNX Runtime
 * refuses, and from each call "option" for missing or unknown inputs, "shape" for wrong ones.
 */
export async function loadOnnx(model: string | Uint8Array, options: LoadOptions = {}): Promise<LoadedModel> {
  const where = options.where ?? (typeof model === "string" ? model : "model");
  const bytes = typeof model === "string" ? await readFile(model) : model;
  const device = options.device ?? (await defaultDevice());
  const session = await openSession(bytes, {
    device,
    threads: options.threads ?? 1,
    optimization: "all",
  }).catch((cause) => {
    if (cause instanceof AdvectError) throw cause;
    throw new AdvectError("format", where, {
      expected: "a model that ONNX Runtime accepts",
      got: cause,
      cause,
    });
  });
  let open = true;
  const call = async (feeds: Arrays): Promise<Arrays> => {
    if (!open)
      throw new AdvectError("option", where, { expected: "a model in use", got: "one that was disposed" });
    checkFeeds(where, session.inputs, feeds);
    return session.run(feeds);
  };
  const dispose = () => {
    if (open) session[Symbol.dispose]();
    open = false;
  };
  return Object.assign(call, {
    inputs: session.inputs,
    outputs: session.outputs,
    device,
    [Symbol.dispose]: dispose,
  });
}

function checkFeeds(where: string, inputs: readonly ValueType[], feeds: Arrays): void {
  const names = inputs.map(({ name }) => name);
  const unknown = Object.keys(feeds).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new AdvectError("option", where, { expected: `inputs among ${names.join(", ")}`, got: unknown });
  }
  for (const input of inputs) checkFeed(where, input, feeds[input.name]);
}

function checkFeed(
  where: string,
  { name, dtype, shape }: ValueType,
  array: NdArray<DType> | undefined,
): void {
  const fits =
    array?.dtype === dtype &&
    array.shape.length === shape.length &&
    shape.every((length, axis) => typeof length === "string" || length === array.shape[axis]);
  if (fits) return;
  throw new AdvectError(array ? "shape" : "option", where, {
    expected: `input "${name}" to be ${dtype} [${shape}]`,
    got: array ? `${array.dtype} [${array.shape}]` : "nothing",
  });
}
