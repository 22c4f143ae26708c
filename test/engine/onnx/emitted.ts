import { allNodes } from "../../../src/engine/onnx/graphs.ts";
import { type EmitOptions, emitModel, type OnnxModel } from "../../../src/engine/onnx/index.ts";
import { type Spec, spec, trace } from "../../../src/engine/runtime/index.ts";
import type { Tensor } from "../../../src/engine/tensor/index.ts";

const native: EmitOptions = { contrib: true, maxJoin: Number.POSITIVE_INFINITY, ownSines: false };
/** Operations of ONNX alone. */
export const standard: EmitOptions = { ...native, contrib: false };

export const outputsOf = (tensors: readonly Tensor[]): Map<string, Tensor> =>
  new Map(tensors.map((tensor, i) => [`out${i}`, tensor]));

/** The model of a function of tensors of these shapes or specs. */
export function emitted(
  fn: (...xs: Tensor[]) => Tensor | readonly Tensor[],
  shapes: readonly (Spec | readonly number[])[],
  options: EmitOptions = native,
): OnnxModel {
  const signature = shapes.map((shape) => ("dtype" in shape ? shape : spec(shape)));
  const { inputs, outputs } = trace<Tensor[], unknown>(fn, signature as never);
  return emitModel({ name: "test", inputs, outputs: outputsOf(outputs), options });
}

/** How often each operation occurs, by name, sorted. */
export function histogram({ graph }: OnnxModel): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { op } of allNodes(graph)) counts[op] = (counts[op] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
