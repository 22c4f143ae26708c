import { readFileSync } from "node:fs";
import { array } from "../../../src/engine/array/index.ts";
import { exportOnnx, random, spec } from "../../../src/engine/runtime/index.ts";
import { type Draw, matmul, type Tensor, tanh } from "../../../src/engine/tensor/index.ts";

export const params = { w: array([[0.5, -1], [2, 0.25]]), b: array([0.1, 0.2]) }; // biome-ignore format: one line

interface Weights {
  readonly w: Tensor;
  readonly b: Tensor;
}

/** A layer with a condition, noise, and a tree for a result. */
export function layer({ w, b }: Weights, x: Tensor, given: { shift: Tensor }, draw: Draw) {
  const hidden = matmul(x, w).add(b).add(given.shift);
  return { y: tanh(hidden), noisy: hidden.add(draw.normal("noise", [3, 2])) };
}

/** The layer's file, with its own names or the default ones. */
export function layerModel(
  names: { inputNames?: string[]; outputNames?: string[]; standard?: boolean } = {},
) {
  return exportOnnx({ fn: layer, params, signature: [spec([3, 2]), { shift: spec([2]) }, random], ...names });
}

/** A file of test/fixtures/onnx, made by other tools. */
export const foreignModel = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../fixtures/onnx/${name}.onnx`, import.meta.url)));
