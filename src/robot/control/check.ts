import type { NdArray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { Frame } from "../policy/history.ts";
import type { ActionChunk, PolicySpec } from "../policy/policy.ts";

/** Throws "numerical" for a frame with a number that is not finite; its names and shapes are checked by `history`. */
export function checkFinite(frame: Frame): void {
  const arrays = isArray(frame) ? { observation: frame } : frame;
  for (const [name, { data }] of Object.entries(arrays as Readonly<Record<string, NdArray>>)) {
    const place = data.findIndex((value) => !Number.isFinite(value));
    if (place < 0) continue;
    throw new AdvectError("numerical", "observation", {
      expected: `finite numbers in ${name}`,
      got: `${data[place]} at ${place}`,
    });
  }
}

const isArray = (frame: Frame): frame is NdArray => "dtype" in frame && "shape" in frame;

/** Throws "shape" unless a chunk is [horizon, dimensions], "numerical" unless it is finite. */
export function checkChunk(chunk: ActionChunk, { horizon, action }: PolicySpec): void {
  const { shape, data } = chunk?.actions ?? {};
  const wanted = [horizon, action.length];
  if (
    !(data instanceof Float32Array) ||
    `${shape}` !== `${wanted}` ||
    data.length !== horizon * action.length
  ) {
    throw new AdvectError("shape", "policy.predict", {
      expected: `actions of float32 and shape [${wanted}]`,
      got: shape === undefined ? typeof chunk : `${chunk.actions.dtype} [${shape}]`,
    });
  }
  const place = data.findIndex((value) => !Number.isFinite(value));
  if (place < 0) return;
  throw new AdvectError("numerical", "policy.predict", {
    expected: "finite actions",
    got: `${data[place]} in row ${Math.floor(place / action.length)}`,
  });
}
