import { AdvectError } from "../error.ts";
import { bytesOf, decodeElements, elements } from "./elements.ts";
import { decodeUtf8, encodeName, malformed } from "./malformed.ts";
import { type DType, type NdArray, ndarray } from "./nd-array.ts";
import { parseSafetensorsHeader, type TensorEntry } from "./safetensors-header.ts";

export interface Safetensors {
  readonly tensors: Readonly<Record<string, NdArray<DType>>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The limit of the reference implementation. */
const largestHeader = 100_000_000;

/**
 * Reads a safetensors file: the length of the header in 8 bytes, the header in JSON, the data
 * [github.com/huggingface/safetensors]. float16 and bfloat16 become float32, narrow integers int32, unsigned ones int64.
 * Tensors are views of `bytes` where their type is one of ours and their place is aligned, otherwise copies.
 * Throws "format", naming `where`; "unsupported" for other types.
 */
export function parseSafetensors(bytes: Uint8Array, where = "parseSafetensors"): Safetensors {
  if (bytes.length < 8) throw malformed(where, "header length", { expected: "8 bytes", got: bytes.length });
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  const most = Math.min(largestHeader, bytes.length - 8);
  if (length > most) throw malformed(where, "header length", { expected: `at most ${most}`, got: length });
  const end = 8 + Number(length);
  const text = decodeUtf8(bytes.subarray(8, end), where, "header");
  const { entries, metadata } = parseSafetensorsHeader(text, bytes.length - end, where);
  const tensors = entries.map((entry) => [entry.name, tensor(entry, bytes.subarray(end), where)] as const);
  return { tensors: Object.fromEntries(tensors), metadata };
}

function tensor(entry: TensorEntry, data: Uint8Array, where: string): NdArray<DType> {
  const { name, type, shape, begin, end } = entry;
  const { dtype, flaw } = elements[type];
  const bytes = data.subarray(begin, end);
  const wrong = flaw?.(bytes);
  if (wrong)
    throw malformed(where, `tensor ${name}`, { expected: `values that ${dtype} can hold`, got: wrong });
  return ndarray(decodeElements(type, bytes), shape, dtype);
}

/** In the order of the reference implementation, which puts wide types first: so every tensor is aligned. */
const typeNames: { readonly [D in DType]: string } = {
  int64: "I64",
  float64: "F64",
  float32: "F32",
  int32: "I32",
  uint8: "U8",
  bool: "BOOL",
};
const typeOrder = Object.keys(typeNames);

/**
 * A safetensors file, byte for byte what the reference implementation writes for the same tensors and up to one
 * metadata entry; the data begins at a multiple of 8. Throws "option" for a tensor called __metadata__.
 */
export function safetensorsBytes({
  tensors,
  metadata = {},
}: {
  readonly tensors: Readonly<Record<string, NdArray<DType>>>;
  readonly metadata?: Readonly<Record<string, string>>;
}): Uint8Array {
  const sorted = Object.entries(tensors).sort(
    ([a, { dtype: first }], [b, { dtype: second }]) =>
      typeOrder.indexOf(first) - typeOrder.indexOf(second) || (a < b ? -1 : 1),
  );
  const head = headerBytes(sorted, metadata);
  const size = sorted.reduce((sum, [, { data }]) => sum + data.byteLength, 0);
  const bytes = new Uint8Array(8 + head.length + size);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(head.length), true);
  bytes.set(head, 8);
  let at = 8 + head.length;
  for (const [, { data }] of sorted) {
    bytes.set(bytesOf(data), at);
    at += data.byteLength;
  }
  return bytes;
}

function headerBytes(
  tensors: readonly (readonly [string, NdArray<DType>])[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  let at = 0;
  const entries = tensors.map(([name, { dtype, shape, data }]) => {
    checkName(name);
    const begin = at;
    at += data.byteLength;
    return [name, { dtype: typeNames[dtype], shape, data_offsets: [begin, at] }] as const;
  });
  for (const text of Object.entries(metadata).flat()) encodeName(text, "safetensorsBytes");
  const first = Object.keys(metadata).length > 0 ? [["__metadata__", metadata] as const] : [];
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries([...first, ...entries])));
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(32);
  padded.set(text);
  return padded;
}

function checkName(name: string): void {
  encodeName(name, "safetensorsBytes");
  if (name !== "__metadata__") return;
  throw new AdvectError("option", "safetensorsBytes", {
    expected: "a name other than __metadata__, which the format uses itself",
    got: name,
    fix: "Rename the tensor.",
  });
}
