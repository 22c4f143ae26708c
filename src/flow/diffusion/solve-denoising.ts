import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { type Key, normal } from "../../engine/random/index.ts";
import { interpret, sameShape, type Tensor } from "../../engine/tensor/index.ts";
import type { CompiledField } from "../field/index.ts";
import { checkState } from "../solver/check.ts";
import { typed } from "../solver/system.ts";
import { type Denoising, type Move, moved, noiseName, plan } from "./denoise.ts";

export interface DenoisingReport {
  /** At the last time, or where it was last finite: shape and dtype of x0. */
  readonly x: NdArray;
  /** Calls of the network. */
  readonly nfe: number;
  readonly reason: "finished" | "nonFinite";
  /** The time of x. */
  readonly time: number;
}

/**
 * `denoise` on the host, for networks too large to unroll: arithmetic is float64, the network sees the dtype of
 * x0 [batch, ...event] and t [batch]. The same key gives the noise of `denoise` compiled, drawn from
 * key.fold("noise i"). A network that is not finite ends it early, with the reason. Throws "option", "shape" and
 * "numerical" for what cannot be a start.
 */
export async function solveDenoising(
  network: CompiledField,
  x0: NdArray,
  options: Denoising & { readonly key: Key },
): Promise<DenoisingReport> {
  checkState("solveDenoising", x0);
  const moves = plan(options);
  let x: NdArray<"float64"> = ndarray(Float64Array.from(x0.data), x0.shape, "float64");
  const dtype = x0.dtype as "float32" | "float64";
  const report = (reason: DenoisingReport["reason"], nfe: number, time: number): DenoisingReport => {
    return { x: typed(x.data, x.shape, dtype), nfe, reason, time };
  };
  for (const [i, move] of moves.entries()) {
    const value = await evaluated(network, typed(x.data, x.shape, dtype), move.t);
    const next = transit({ x, value, key: options.key.fold(noiseName(i)) }, move, options);
    if (!next.data.every(Number.isFinite)) return report("nonFinite", i + 1, move.t);
    x = next;
  }
  return report("finished", moves.length, options.times.at(-1)!);
}

async function evaluated(network: CompiledField, x: NdArray, t: number): Promise<NdArray> {
  const dtype = x.dtype as "float32" | "float64";
  const value = await network(x, typed(new Float64Array(x.shape[0]!).fill(t), x.shape.slice(0, 1), dtype));
  if (sameShape(value.shape, x.shape)) return ndarray(Float64Array.from(value.data), x.shape, "float64");
  throw new AdvectError("shape", "solveDenoising", {
    expected: `a network that returns [${x.shape}]`,
    got: value.shape,
  });
}

/** The step of `denoise`, interpreted. */
function transit(
  { x, value, key }: { readonly x: NdArray; readonly value: NdArray; readonly key: Key },
  move: Move,
  options: Denoising,
): NdArray<"float64"> {
  if (move.weights.std === 0) {
    return interpret((at: Tensor, v: Tensor) => moved({ x: at, value: v }, move, options).x, x, value);
  }
  const noise = ndarray(Float64Array.from(normal(key, x.shape).data), x.shape, "float64");
  return interpret(
    (at: Tensor, v: Tensor, z: Tensor) => moved({ x: at, value: v, noise: z }, move, options).x,
    x,
    value,
    noise,
  );
}
