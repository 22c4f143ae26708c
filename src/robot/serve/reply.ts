import { asType, type NdArray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { ActionChunk, PolicySpec } from "../policy/index.ts";
import { fields, isFields, pack, unpack, type Value } from "./msgpack/index.ts";
import { arrayOf, kindOf, packedArray } from "./wire-array.ts";

/** How long a request took, in milliseconds. */
export interface ReplyTiming {
  /** From the whole message to the chunk: waiting for others and inference. */
  readonly inferMs: number;
  /** The evaluation of the network alone, which other clients may have shared. */
  readonly policyMs: number;
  /** The client's last request, its reply included; none for the first. */
  readonly previousMs?: number;
}

/**
 * { "actions": float32 [horizon, dimensions], "server_timing", "policy_timing" }: clients that play a chunk slice every
 * array along its first axis, so there are no others.
 */
export function packReply({ actions, nfe }: ActionChunk, timing: ReplyTiming): Uint8Array<ArrayBuffer> {
  const { inferMs, policyMs, previousMs } = timing;
  return pack(
    fields({
      actions: packedArray(actions),
      server_timing: fields({
        infer_ms: inferMs,
        ...(previousMs !== undefined && { prev_total_ms: previousMs }),
      }),
      policy_timing: fields({ infer_ms: policyMs, nfe }),
    }),
  );
}

/** The chunk of a reply. Throws "format", "shape". */
export function parseReply(bytes: Uint8Array, spec: PolicySpec): ActionChunk {
  const reply = unpack(bytes);
  if (!isFields(reply)) {
    throw new AdvectError("format", "reply", { expected: "a dict with actions", got: kindOf(reply) });
  }
  const actions = arrayOf(reply.text.get("actions") ?? null, "actions");
  checkChunk(actions, spec);
  const timing = reply.text.get("policy_timing");
  const nfe = isFields(timing) ? timing.text.get("nfe") : undefined;
  return { actions: asType(actions, "float32"), nfe: typeof nfe === "number" ? nfe : 0 };
}

/** Throws "shape" and "numerical" for actions that are not as the spec says. */
export function checkChunk({ shape, data }: NdArray, { horizon, action }: PolicySpec): void {
  if (`${shape}` !== `${[horizon, action.length]}`) {
    throw new AdvectError("shape", "actions", {
      expected: `[${horizon}, ${action.length}]`,
      got: `[${shape}]`,
    });
  }
  const wrong = data.findIndex((value: number) => !Number.isFinite(value));
  if (wrong === -1) return;
  throw new AdvectError("numerical", "actions", {
    expected: "finite numbers",
    got: `${data[wrong]} at element ${wrong}`,
  });
}

/** The metadata that a server of advect sends first: { "advect": { spec, max_message_bytes } }. */
export function packMetadata(metadata: Readonly<Record<string, unknown>>): Uint8Array<ArrayBuffer> {
  return pack(wireOf(metadata));
}

/** Plain data as a value; what is undefined is left out. */
function wireOf(plain: unknown): Value {
  if (plain === null || ["boolean", "number", "string"].includes(typeof plain)) return plain as Value;
  if (Array.isArray(plain)) return plain.map(wireOf);
  const entries = Object.entries(plain as object).filter(([, item]) => item !== undefined);
  return fields(Object.fromEntries(entries.map(([name, item]) => [name, wireOf(item)])));
}

/** Plain data from a message, such as metadata. Throws "format". */
export function parseMetadata(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const message = unpack(bytes);
  if (isFields(message)) return plainOf(message) as Record<string, unknown>;
  throw new AdvectError("format", "metadata", { expected: "a dict", got: kindOf(message) });
}

function plainOf(value: Value): unknown {
  if (Array.isArray(value)) return value.map(plainOf);
  if (!isFields(value)) return value;
  const entries = [...value.text].map(([name, item]) => [name, plainOf(item)] as const);
  return Object.fromEntries(entries);
}
