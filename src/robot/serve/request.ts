import { asType, type NdArray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { type Key, restoreKey } from "../../engine/random/index.ts";
import type { Committed, Observation, PolicyRequest, PolicySpec } from "../policy/index.ts";
import { type Fields, fields, isFields, pack, unpack } from "./msgpack/index.ts";
import { arrayOf, isArrayLike, kindOf, packedArray } from "./wire-array.ts";

/** Fields of a request that are no features; all optional, so that an openpi client need not know them. */
export const words = {
  /** true: this frame begins an episode. */
  reset: "advect/reset",
  /** Four integers, the words of the key: the same request gives the same chunk. */
  key: "advect/key",
  /** Actions already promised, [count, dimensions], and how many of them the chunk comes too late for. */
  committed: "advect/committed",
  delaySteps: "advect/delay_steps",
} as const;

/** What a client asks. */
export interface WireRequest {
  /** Every feature of the spec: one frame, in its shape; or all frames, [obsHorizon, ...shape], if `whole`. */
  readonly features: Readonly<Record<string, NdArray>>;
  readonly whole: boolean;
  readonly reset: boolean;
  readonly key?: Key;
  readonly committed?: Committed;
}

/** The bytes of a request with all frames, for an advect server. */
export function packRequest({ observation, key, committed }: PolicyRequest): Uint8Array<ArrayBuffer> {
  return pack(
    fields({
      ...packedFeatures(observation),
      [words.key]: key.words,
      ...(committed && {
        [words.committed]: packedArray(committed.actions),
        [words.delaySteps]: committed.delaySteps,
      }),
    }),
  );
}

/** The bytes of a frame, for any server of the protocol. */
export const packFrame = (features: Observation): Uint8Array<ArrayBuffer> =>
  pack(fields(packedFeatures(features)));

const packedFeatures = (features: Observation): Record<string, Fields> =>
  Object.fromEntries(Object.entries(features).map(([name, array]) => [name, packedArray(array)]));

/**
 * A request from its bytes; what the spec does not name is ignored, as openpi's servers do. Throws "format", "option"
 * for features that are missing, "shape", "numerical", naming the feature.
 */
export function parseRequest(bytes: Uint8Array, spec: PolicySpec): WireRequest {
  const message = unpack(bytes);
  if (!isFields(message) || isArrayLike(message)) {
    throw new AdvectError("format", "observation", { expected: "a dict of arrays", got: kindOf(message) });
  }
  const { text } = message;
  const names = Object.keys(spec.observation);
  const features = Object.fromEntries(names.map((name) => [name, feature(text, name)]));
  const whole = checkShapes(features, spec);
  const key = keyIn(text);
  const committed = committedIn(text, spec);
  return {
    features,
    whole,
    reset: text.get(words.reset) === true,
    ...(key && { key }),
    ...(committed && { committed }),
  };
}

function feature(text: Fields["text"], name: string): NdArray {
  const value = text.get(name);
  if (value !== undefined) return finite(arrayOf(value, name), name);
  const there = [...text.keys()].slice(0, 8).map((key) => key.slice(0, 40));
  throw new AdvectError("option", "observation", {
    expected: `the feature ${name}`,
    got: there.length > 0 ? `only ${there.join(", ")}` : "none",
    fix: "Send every feature that the metadata names.",
  });
}

function finite(array: NdArray, name: string): NdArray {
  if (array.dtype !== "float32" && array.dtype !== "float64") return array;
  const wrong = array.data.findIndex((value: number) => !Number.isFinite(value));
  if (wrong === -1) return array;
  throw new AdvectError("numerical", name, {
    expected: "finite numbers",
    got: `${array.data[wrong]} at element ${wrong}`,
  });
}

/** Whether the features are all frames. Throws "shape" for features that are neither that nor one frame. */
function checkShapes(features: WireRequest["features"], { observation, obsHorizon }: PolicySpec): boolean {
  const entries = Object.entries(observation);
  const [first, frame] = entries[0]!;
  const whole = features[first]!.shape.length > frame.length;
  for (const [name, shape] of entries) {
    const expected = whole ? [obsHorizon, ...shape] : shape;
    if (`${features[name]!.shape}` === `${expected}`) continue;
    throw new AdvectError("shape", name, {
      expected: `[${shape}] for one frame, or [${[obsHorizon, ...shape]}] for all, in every feature alike`,
      got: `[${features[name]!.shape}]`,
    });
  }
  return whole;
}

function keyIn(text: Fields["text"]): Key | undefined {
  const value = text.get(words.key);
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return restoreKey(value.map(Number));
  throw new AdvectError("format", words.key, { expected: "a list of four integers", got: kindOf(value) });
}

function committedIn(text: Fields["text"], { action }: PolicySpec): Committed | undefined {
  const value = text.get(words.committed);
  if (value === undefined) return undefined;
  const actions = finite(arrayOf(value, words.committed), words.committed);
  const [count = 0] = actions.shape;
  if (`${actions.shape}` !== `${[count, action.length]}`) {
    throw new AdvectError("shape", words.committed, {
      expected: `[count, ${action.length}]`,
      got: `[${actions.shape}]`,
    });
  }
  const delaySteps = text.get(words.delaySteps) ?? 0;
  if (typeof delaySteps === "number" && Number.isSafeInteger(delaySteps) && delaySteps >= 0) {
    return { actions: asType(actions, "float32"), delaySteps };
  }
  throw new AdvectError("format", words.delaySteps, {
    expected: "an integer >= 0",
    got: kindOf(delaySteps),
  });
}
