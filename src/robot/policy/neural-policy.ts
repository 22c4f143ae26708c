import { type NdArray, ndarray, zeros } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { type Key, key } from "../../engine/random/index.ts";
import type { RunOptions } from "../../engine/runtime/index.ts";
import type { Params, Values } from "../../nn/index.ts";
import { checkDesign, conditionSize, type PolicyDesign } from "./design.ts";
import { decodeChunk, encodeObservation, originOf } from "./encode.ts";
import { type ChunkMethod, type ChunkSampler, methodOf, noiseOf } from "./method/index.ts";
import type { ActionChunk, Observation, Policy, PolicyRequest, PolicySpec } from "./policy.ts";
import { checkScalings, type Scalings } from "./scaling.ts";
import { chunkSession } from "./session.ts";

/** A policy as data: what it is made of, the units it works in, and what it has learned. */
export interface PolicyModel {
  readonly design: PolicyDesign;
  readonly scalings: Scalings;
  readonly params: Values<Params>;
}

/** A policy whose parts can be used by themselves. Dispose it: it holds compiled functions. */
export interface NeuralPolicy extends Policy {
  readonly design: PolicyDesign;
  /** What the network is told about an observation, normalised: [conditionSize]. Throws as `predict`. */
  encode(observation: Observation): Promise<NdArray<"float32">>;
  /**
   * dx/dt of chunks x [rows, horizon, dimensions], normalised, at t [rows], for conditions [rows, conditionSize]. Throws
   * "unsupported" for policies that do not integrate a field.
   */
  velocity(at: { readonly x: NdArray; readonly t: NdArray; readonly condition: NdArray }): Promise<NdArray>;
  /** A chunk x [horizon, dimensions] in the units of the spec. */
  decode(x: NdArray, observation: Observation): NdArray<"float32">;
}

/**
 * Opens a policy on a device, with one thread unless `threads` says otherwise, and draws one chunk, so that the first one
 * that counts does not wait for a compiler. Throws "option" for a normalisation that is missing, "shape", "numerical".
 */
export async function neuralPolicy(model: PolicyModel, options: RunOptions = {}): Promise<NeuralPolicy> {
  const { design, scalings } = model;
  checkDesign(design);
  checkScalings(scalings, design);
  const method = methodOf(design);
  const sampler = method.open(model.params, { threads: 1, ...options });
  const parts = { design, scalings, method, sampler };
  await draw(parts, [{ condition: zeros([conditionSize(design.spec)]), key: key(0) }]);
  return assembled(parts);
}

interface Parts {
  readonly design: PolicyDesign;
  readonly scalings: Scalings;
  readonly method: ChunkMethod;
  readonly sampler: ChunkSampler;
}

function assembled(parts: Parts): NeuralPolicy {
  const { design, scalings, sampler } = parts;
  const { spec } = design;
  const encode = (observation: Observation) => encodeObservation({ spec, scalings }, observation);
  const decode = (x: ArrayLike<number>, observation: Observation) =>
    decodeChunk(x, { origin: originOf(design, observation), scalings, spec });
  const predictMany = async (requests: readonly PolicyRequest[]): Promise<ActionChunk[]> => {
    if (requests.length === 0) return [];
    for (const { signal } of requests) signal?.throwIfAborted();
    const rows = requests.map(({ observation, key: own }) => ({ condition: encode(observation), key: own }));
    const chunks = await draw(parts, rows);
    const size = chunkSize(spec);
    return requests.map(({ observation }, i) => ({
      actions: decode(chunks.data.subarray(i * size, (i + 1) * size) as Float32Array, observation),
      nfe: sampler.nfe,
    }));
  };
  return {
    design,
    spec,
    encode: async (observation) => encode(observation),
    decode: (x, observation) => decode(x.data, observation),
    velocity: (at) => walkOf(parts).velocity(at),
    predictMany,
    async predict(request) {
      const [chunk] = await predictMany([request]);
      return chunk!;
    },
    async session(request) {
      const walk = walkOf(parts);
      const { observation, keys } = request;
      if (keys.length === 0) throw noKeys();
      const condition = stacked(keys.map(() => encode(observation)));
      return chunkSession({
        request,
        walk,
        condition,
        shape: [keys.length, spec.horizon, spec.action.length],
        start: () => startOf(parts, keys)!,
        decode: (x) => decode(x, observation),
      });
    },
    [Symbol.dispose]: () => sampler[Symbol.dispose](),
  };
}

const chunkSize = ({ horizon, action }: PolicySpec) => horizon * action.length;

interface Row {
  readonly condition: NdArray;
  readonly key: Key;
}

async function draw(parts: Parts, rows: readonly Row[]): Promise<NdArray> {
  const keys = rows.map((row) => row.key);
  const noise = startOf(parts, keys);
  const condition = stacked(rows.map((row) => row.condition));
  return parts.sampler.sample({ condition, keys, ...(noise && { noise }) });
}

/** Where chunks begin, [rows, ...noise]: noise of each key, or zeros. */
function startOf({ design, method }: Parts, keys: readonly Key[]): NdArray | undefined {
  if (!method.noise) return undefined;
  if (design.start === "rest") return zeros([keys.length, ...method.noise]);
  return noiseOf(keys, "x0", method.noise);
}

function stacked(rows: readonly NdArray[]): NdArray<"float32"> {
  const size = rows[0]!.data.length;
  const data = new Float32Array(rows.length * size);
  rows.forEach((row, i) => data.set(row.data as Float32Array, i * size));
  return ndarray(data, [rows.length, size]);
}

function walkOf({ sampler, design }: Parts) {
  if (sampler.walk) return sampler.walk;
  throw new AdvectError("unsupported", "policy.session", {
    expected: "a policy that integrates a field: flow or diffusion",
    got: design.method.kind,
    fix: "predict gives the chunk in one evaluation.",
  });
}

function noKeys(): AdvectError {
  return new AdvectError("option", "policy.session", {
    expected: "a key for each draw, at least one",
    got: "none",
  });
}
