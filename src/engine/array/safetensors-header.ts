import { type ElementType, elements } from "./elements.ts";
import { isRecord, isShape, parseJson } from "./json.ts";
import { malformed, unsupported } from "./malformed.ts";
import { type Shape, sizeOf } from "./nd-array.ts";

/** One tensor as the header declares it; begin and end count from the end of the header. */
export interface TensorEntry {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

const elementTypes: Readonly<Record<string, ElementType>> = {
  BOOL: "b1",
  U8: "u1",
  I8: "i1",
  I16: "i2",
  U16: "u2",
  F16: "f2",
  BF16: "bf2",
  I32: "i4",
  U32: "u4",
  F32: "f4",
  F64: "f8",
  I64: "i8",
  U64: "u8",
};

/**
 * Reads the JSON header of a safetensors file whose data takes `dataSize` bytes. As in the reference implementation the
 * tensors must tile the data without holes or overlap. Throws "format"; "unsupported" for 8-bit floats and the like.
 */
export function parseSafetensorsHeader(
  text: string,
  dataSize: number,
  where: string,
): { entries: TensorEntry[]; metadata: Record<string, string> } {
  const header = parseJson(text, where, "header");
  if (!text.startsWith("{") || !isRecord(header)) {
    throw malformed(where, "header", { expected: "an object at its first byte", got: text });
  }
  const entries = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, value]) => parseEntry(name, value, where));
  checkTiling(entries, dataSize, where);
  return { entries, metadata: parseMetadata(header, where) };
}

function parseMetadata(header: { readonly __metadata__?: unknown }, where: string): Record<string, string> {
  if (!Object.hasOwn(header, "__metadata__")) return {};
  const metadata = header.__metadata__;
  if (isRecord(metadata) && Object.values(metadata).every((value) => typeof value === "string")) {
    return metadata as Record<string, string>;
  }
  throw malformed(where, "__metadata__", { expected: "strings by name", got: JSON.stringify(metadata) });
}

function parseEntry(name: string, value: unknown, where: string): TensorEntry {
  const wrong = (field: string, expected: string, got: unknown) =>
    malformed(where, `tensor ${name}, ${field}`, { expected, got: String(JSON.stringify(got)) });
  if (!isRecord(value)) throw wrong("entry", "an object", value);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string") throw wrong("dtype", "a string", dtype);
  if (!Object.hasOwn(elementTypes, dtype)) {
    throw unsupported(
      where,
      `tensor ${name}, dtype`,
      dtype,
      `one of ${Object.keys(elementTypes).join(", ")}`,
    );
  }
  if (!isShape(shape)) throw wrong("shape", "integers >= 0", shape);
  const [begin, end] = isShape(offsets) ? offsets : [];
  if (begin === undefined || end === undefined || (offsets as Shape).length !== 2) {
    throw wrong("data_offsets", "two integers >= 0", offsets);
  }
  const type = elementTypes[dtype]!;
  const size = sizeOf(shape) * elements[type].size;
  if (end - begin !== size)
    throw wrong("data_offsets", `${size} bytes for ${dtype} of shape [${shape}]`, offsets);
  return { name, type, shape, begin, end };
}

function checkTiling(entries: readonly TensorEntry[], dataSize: number, where: string): void {
  let at = 0;
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) {
      throw malformed(where, `tensor ${name}, data_offsets`, {
        expected: `to begin at ${at}, the end of the tensor before`,
        got: begin,
      });
    }
    at = end;
  }
  if (at !== dataSize)
    throw malformed(where, "data", { expected: `${at} bytes as in the header`, got: dataSize });
}
