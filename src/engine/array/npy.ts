import { AdvectError } from "../error.ts";
import { bytesOf, decodeElements, type ElementType, elements, fromFortran, swapped } from "./elements.ts";
import { decodeUtf8, malformed, unsupported } from "./malformed.ts";
import { type DType, type NdArray, ndarray, sizeOf } from "./nd-array.ts";
import { formatNpyHeader, parseNpyHeader } from "./npy-header.ts";

const magic = "\x93NUMPY";
/** numpy itself reads 10 kB unless told otherwise. */
const largestHeader = 2 ** 20;

/**
 * Reads a .npy file, versions 1 to 3 [numpy, NEP 1]; float16 becomes float32, narrow integers int32, uint32 and uint64 int64.
 * The array is a view of `bytes` where its type is one of ours and its place is aligned, otherwise a copy.
 * Throws "format", naming `where`; "unsupported" for objects, strings, structures, complex numbers and times.
 */
export function parseNpy(bytes: Uint8Array, where = "parseNpy"): NdArray<DType> {
  const { text, end } = headerText(bytes, where);
  const { descr, fortranOrder, shape } = parseNpyHeader(text, where);
  const { type, bigEndian } = parseDescr(descr, where);
  const { size, dtype, flaw } = elements[type];
  const body = bytes.subarray(end);
  if (body.length !== sizeOf(shape) * size) {
    throw malformed(where, "data", {
      expected: `${sizeOf(shape) * size} bytes for ${descr} of shape [${shape}]`,
      got: body.length,
    });
  }
  const little = bigEndian ? swapped(body, size) : body;
  const wrong = flaw?.(little);
  if (wrong) throw malformed(where, "data", { expected: `values that ${dtype} can hold`, got: wrong });
  const data = decodeElements(type, little);
  return ndarray(fortranOrder ? fromFortran(data, shape, dtype) : data, shape, dtype);
}

function headerText(bytes: Uint8Array, where: string): { text: string; end: number } {
  const start = String.fromCharCode(...bytes.subarray(0, 6));
  if (start !== magic) throw malformed(where, "magic", { expected: JSON.stringify(magic), got: start });
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3) throw malformed(where, "version", { expected: "1, 2 or 3", got: version });
  const begin = version === 1 ? 10 : 12;
  if (bytes.length < begin)
    throw malformed(where, "header", { expected: `${begin} bytes`, got: bytes.length });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const most = Math.min(largestHeader, bytes.length - begin);
  if (length > most) throw malformed(where, "header length", { expected: `at most ${most}`, got: length });
  const header = bytes.subarray(begin, begin + length);
  const text = version === 3 ? decodeUtf8(header, where, "header") : new TextDecoder("latin1").decode(header);
  return { text, end: begin + length };
}

/** `<f4` is little-endian float32; `|` and `=` say that the order does not matter or is the machine's. */
function parseDescr(descr: string, where: string): { type: ElementType; bigEndian: boolean } {
  const type = descr.slice(1);
  const known = /^[<>|=][bifu][1248]$/.test(descr) && Object.hasOwn(elements, type);
  if (known) return { type: type as ElementType, bigEndian: descr.startsWith(">") };
  throw unsupported(
    where,
    "header field descr",
    descr,
    "bool, int8 to int64, uint8 to uint64 or float16 to float64",
  );
}

const descrs: { readonly [D in DType]: string } = {
  float32: "<f4",
  float64: "<f8",
  int32: "<i4",
  int64: "<i8",
  uint8: "|u1",
  bool: "|b1",
};

/** A .npy file, version 1, whose data begins at a multiple of 64 bytes. Throws "shape" for thousands of axes. */
export function npyBytes(array: NdArray<DType>): Uint8Array {
  const header = formatNpyHeader({ descr: descrs[array.dtype], fortranOrder: false, shape: array.shape });
  const end = Math.ceil((10 + header.length + 1) / 64) * 64;
  const length = end - 10;
  if (length > 0xffff) {
    throw new AdvectError("shape", "npyBytes", { expected: "fewer axes", got: array.shape.length });
  }
  const head = `${magic}\x01\0${String.fromCharCode(length & 255, length >> 8)}${header.padEnd(length - 1)}\n`;
  const data = bytesOf(array.data);
  const bytes = new Uint8Array(end + data.length);
  for (let i = 0; i < end; i++) bytes[i] = head.charCodeAt(i);
  bytes.set(data, end);
  return bytes;
}
