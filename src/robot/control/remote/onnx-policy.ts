import { type NdArray, ndarray, sizeOf } from "../../../engine/array/index.ts";
import { AdvectError } from "../../../engine/error.ts";
import { type Key, normal } from "../../../engine/random/index.ts";
import { type Arrays, type LoadedModel, loadOnnx } from "../../../engine/runtime/index.ts";
import type { ActionChunk, Policy, PolicyRequest, PolicySpec } from "../../policy/policy.ts";

export interface OnnxPolicyOptions {
  /** A file, by its path or its bytes. */
  readonly model: string | Uint8Array;
  readonly spec: PolicySpec;
  /** Evaluations of the network in the file, as chunks shall report them; 1 unless given. */
  readonly nfe?: number;
  /** 1 unless given. */
  readonly threads?: number;
}

/**
 * An ONNX file as a policy, such as `exportPolicy` writes it, or PyTorch: inputs are the features of the spec by their
 * names, float32 [1, obsHorizon, ...shape], and perhaps "noise" and "draw:…", standard normal; the output is "actions",
 * [1, horizon, dimensions] in the units of the spec. The same keys give an exported policy the same noise as the policy
 * itself. Throws "format" for a file with other inputs or outputs, "io".
 */
export async function onnxPolicy({ model, spec, nfe = 1, threads = 1 }: OnnxPolicyOptions): Promise<Policy> {
  const run = await loadOnnx(model, { threads, where: spec.name });
  checkNames(run, spec);
  const predict = async ({ observation, key, signal }: PolicyRequest): Promise<ActionChunk> => {
    signal?.throwIfAborted();
    const { actions } = await run(feedsOf({ run, spec, observation, key }));
    return { actions: ndarray(actions!.data as Float32Array, [spec.horizon, spec.action.length]), nfe };
  };
  return {
    spec,
    predict,
    async predictMany(requests) {
      const chunks: ActionChunk[] = [];
      for (const request of requests) chunks.push(await predict(request));
      return chunks;
    },
    session: async () => {
      throw new AdvectError("unsupported", "onnxPolicy.session", {
        expected: "a policy that integrates a field here",
        got: "an ONNX file, which does so inside",
        fix: "Load the policy's own folder with loadPolicy.",
      });
    },
    [Symbol.dispose]: () => run[Symbol.dispose](),
  };
}

/** Names under which `neuralPolicy` draws what the file calls otherwise. */
const keyNames: Readonly<Record<string, string>> = { noise: "x0" };
const isNoise = (name: string) => name === "noise" || name.startsWith("draw:");

function checkNames({ inputs, outputs }: LoadedModel, spec: PolicySpec): void {
  const features = Object.keys(spec.observation);
  const unknown = inputs.map(({ name }) => name).filter((name) => !features.includes(name) && !isNoise(name));
  const made = outputs.map(({ name }) => name);
  if (unknown.length === 0 && made.includes("actions")) return;
  throw new AdvectError("format", spec.name, {
    expected: `inputs ${features.join(", ")}, noise or draw:…, and the output actions`,
    got: `inputs ${inputs.map(({ name }) => name).join(", ")} and outputs ${made.join(", ")}`,
    fix: "Export it with exportPolicy, or name inputs and outputs so.",
  });
}

interface Asked extends Pick<PolicyRequest, "observation" | "key"> {
  readonly run: LoadedModel;
  readonly spec: PolicySpec;
}

function feedsOf({ run, spec, observation, key }: Asked): Arrays {
  const feeds = run.inputs.map(({ name, shape }) => {
    if (isNoise(name)) return [name, noiseOf(key.fold(keyNames[name] ?? name.slice("draw:".length)), shape)];
    return [name, featureOf(name, { spec, observation })];
  });
  return Object.fromEntries(feeds);
}

function noiseOf(key: Key, shape: readonly (number | string)[]): NdArray {
  return normal(
    key,
    shape.map((length) => (typeof length === "number" ? length : 1)),
  );
}

function featureOf(name: string, { spec, observation }: Pick<Asked, "spec" | "observation">): NdArray {
  const shape = [spec.obsHorizon, ...spec.observation[name]!];
  const array = observation[name];
  if (array && `${array.shape}` === `${shape}` && array.data.length === sizeOf(shape)) {
    const place = array.data.findIndex((value) => !Number.isFinite(value));
    if (place < 0) return ndarray(Float32Array.from(array.data, Number), [1, ...shape]);
    const got = `${array.data[place]} at ${place}`;
    throw new AdvectError("numerical", "policy.predict", { expected: `finite numbers in ${name}`, got });
  }
  throw new AdvectError(array ? "shape" : "option", "policy.predict", {
    expected: `${name} of shape [${shape}]`,
    got: array ? `[${array.shape}]` : `only ${Object.keys(observation).join(", ") || "nothing"}`,
  });
}
