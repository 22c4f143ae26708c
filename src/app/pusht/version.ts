import { crc32 } from "../../engine/array/crc32.ts";
import type { NdArray } from "../../engine/array/index.ts";
import { namedLeaves } from "../../engine/tensor/index.ts";
import { loadPolicyModel } from "../../robot/index.ts";

/** A checksum of what a policy has learned and of what it is made of, in eight letters. */
export async function policyVersion(folder: string): Promise<string> {
  const { design, params } = await loadPolicyModel(folder);
  const sums = [...namedLeaves<NdArray>(params)].map(([name, { data }]) => {
    return [name, crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))];
  });
  const text = new TextEncoder().encode(JSON.stringify([design, sums]));
  return crc32(text).toString(16).padStart(8, "0");
}
