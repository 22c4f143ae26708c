import { decodeElements, type ElementType, elements, swapped } from "../../engine/array/elements.ts";
import { type DType, type NdArray, ndarray, sizeOf } from "../../engine/array/index.ts";
import { malformed, unsupported } from "../../engine/array/malformed.ts";
import { gunzip } from "../file/gunzip.ts";

const types: Readonly<Record<number, ElementType>> = {
  8: "u1",
  9: "i1",
  11: "i2",
  12: "i4",
  13: "f4",
  14: "f8",
};

/**
 * Reads an idx file, plain or gzipped [lecun1998]: two zeros, the element type, the number of axes, the lengths as
 * big-endian uint32, the elements, big-endian. int8 and int16 become int32. Throws "format", naming `where`;
 * "unsupported" for an element type that is not one of the format's six.
 */
export function parseIdx(bytes: Uint8Array, where = "parseIdx"): NdArray<DType> {
  const content = gunzip(bytes, where);
  const { type, shape, end } = header(content, where);
  const { size, dtype } = elements[type];
  const body = content.subarray(end);
  if (body.length !== sizeOf(shape) * size) {
    throw malformed(where, "data", {
      expected: `${sizeOf(shape) * size} bytes for shape [${shape}]`,
      got: body.length,
    });
  }
  return ndarray(decodeElements(type, size === 1 ? body : swapped(body, size)), shape, dtype);
}

function header(bytes: Uint8Array, where: string): { type: ElementType; shape: number[]; end: number } {
  const [a, b, code = 0, axes = 0] = bytes;
  if (bytes.length < 4 || a !== 0 || b !== 0) {
    throw malformed(where, "magic", { expected: "two zeros, a type and a number of axes", got: [a, b] });
  }
  const type = types[code];
  if (type === undefined) throw unsupported(where, "type", `${code}`, "8, 9, 11, 12, 13 or 14");
  const end = 4 + 4 * axes;
  if (bytes.length < end) {
    throw malformed(where, "shape", { expected: `${end} bytes of header`, got: bytes.length });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { type, shape: Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis)), end };
}
