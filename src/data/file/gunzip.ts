import { gunzipSync } from "fflate";
import { crc32 } from "../../engine/array/crc32.ts";
import { malformed, unsupported } from "../../engine/array/malformed.ts";

/** Deflate cannot compress further than this [RFC 1951: 258 bytes from 2 bits]. */
const largestRatio = 1032;
const mostBytes = 2 ** 31;

/**
 * What a gzip file of one member holds; `bytes` themselves where they are not gzip. The declared size is checked
 * before anything is inflated, size and checksum after. Throws "format", naming `where`; "unsupported" beyond 2 GiB.
 */
export function gunzip(bytes: Uint8Array, where: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  if (bytes.length < 18) throw malformed(where, "gzip", { expected: "at least 18 bytes", got: bytes.length });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view.getUint32(bytes.length - 4, true);
  if (size > mostBytes) throw unsupported(where, "gzip, size", `${size} bytes`, `at most ${mostBytes}`);
  if (size > bytes.length * largestRatio) {
    throw malformed(where, "gzip, size", { expected: `what ${bytes.length} bytes can hold`, got: size });
  }
  const content = inflate(bytes, size, where);
  if (content.length !== size || crc32(content) !== view.getUint32(bytes.length - 8, true)) {
    throw malformed(where, "gzip", { expected: `${size} bytes with the declared checksum`, got: "others" });
  }
  return content;
}

function inflate(bytes: Uint8Array, size: number, where: string): Uint8Array {
  try {
    return gunzipSync(bytes, { out: new Uint8Array(size) }); // never writes past `out`
  } catch (cause) {
    throw malformed(where, "gzip", { expected: "deflated bytes", got: String(cause), cause });
  }
}
