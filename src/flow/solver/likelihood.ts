import { type NdArray, ndarray, type Shape, sizeOf } from "../../engine/array/index.ts";
import {
  concat,
  divergence,
  hutchinson,
  pad,
  reshape,
  slice,
  type Tensor,
} from "../../engine/tensor/index.ts";
import type { CompiledField, VelocityField } from "../field/index.ts";
import { checkPositive, checkState } from "./check.ts";
import { adaptive } from "./control.ts";
import { twoParts } from "./error-norm.ts";
import { type SolveOptions, type SolveReport, solve } from "./solve.ts";

/**
 * (v, div v) as a field on rows [x, l], l the integral of the divergence along the way [chen2018]: state
 * [batch, size + 1] for x of shape [batch, ...event]. The divergence is exact, or Hutchinson's estimate with `probes`
 * [count, batch, ...event] (Rademacher or normal draws, the same during a solve) [grathwohl2019].
 */
export function withDivergence(
  field: VelocityField,
  { event, probes }: { readonly event: Shape; readonly probes?: Tensor },
): VelocityField {
  const size = sizeOf(event);
  const [none, last] = [[0, 0] as const, [0, 1] as const];
  return (state, t) => {
    const batch = state.shape[0]!;
    const x = reshape(slice(state, { axis: 1, stop: size }), [batch, ...event]);
    const v = reshape(field(x, t), [batch, size]);
    // differentiated by the state and not by x, which a field that reshapes x again may skip: reshapes are merged
    const rates = pad(v, [none, last]);
    const rate = probes
      ? hutchinson(rates, state, pad(reshape(probes, [probes.shape[0]!, batch, size]), [none, none, last]))
      : divergence(rates, state);
    return concat([v, reshape(rate, [batch, 1])], 1);
  };
}

export interface DensityOptions extends Omit<SolveOptions, "times" | "dense"> {
  /** log p0 of the source, for x0 [batch, ...event] -> [batch]. Default: the standard normal's. */
  readonly logSource?: (x0: NdArray) => NdArray;
  /** Default: the two ends of the way. */
  readonly times?: readonly number[];
}

export interface Likelihood {
  /** The other end of the way: x0 for `logLikelihood`, x1 for `sampleWithLikelihood`. */
  readonly x: NdArray;
  /** log p1(x1) in nats, [batch]; NaN for samples that stopped early. */
  readonly logLikelihood: NdArray<"float64">;
  readonly report: SolveReport;
}

/**
 * log p1(x1) = log p0(x0) + l(0), with (x, l) solved from (x1, 0) at t = 1 back to t = 0 under (v, div v): l(0) is
 * minus the integral from 0 to 1. `field` is the compiled `withDivergence`; x1: [batch, ...event]. Throws as `solve`.
 */
export async function logLikelihood(
  field: CompiledField,
  x1: NdArray,
  { logSource = logStandardNormal, times = [1, 0], ...options }: DensityOptions = {},
): Promise<Likelihood> {
  const { x, change, report } = await transport(field, x1, { times, ...options });
  return { x, logLikelihood: shifted(logSource(x), change), report };
}

/** x1 from x0 and log p1(x1) = log p0(x0) - l(1), in one forward solve. Throws as `solve`. */
export async function sampleWithLikelihood(
  field: CompiledField,
  x0: NdArray,
  { logSource = logStandardNormal, times = [0, 1], ...options }: DensityOptions = {},
): Promise<Likelihood> {
  const { x, change, report } = await transport(field, x0, { times, ...options });
  const loss = change.map((value) => -value);
  return { x, logLikelihood: shifted(logSource(x0), loss), report };
}

async function transport(field: CompiledField, from: NdArray, options: SolveOptions) {
  checkState("likelihood", from);
  const control =
    options.solver && !options.solver.tableau.error ? {} : { control: adaptive({ norm: twoParts }) };
  const report = await solve(field, beginning(from), { ...control, ...options });
  const [batch, size] = [from.shape[0]!, sizeOf(from.shape.slice(1))];
  const data = from.data.slice() as Float64Array;
  const change = new Float64Array(batch);
  for (let i = 0; i < batch; i++) {
    const row = report.x.data.subarray(i * (size + 1), (i + 1) * (size + 1));
    data.set(row.subarray(0, size), i * size);
    const { reason } = report.groups[report.groups.length === 1 ? 0 : i]!;
    change[i] = reason === "finished" ? row[size]! : Number.NaN;
  }
  return { x: ndarray(data, from.shape, from.dtype as "float64"), change, report };
}

/** Rows [x, 0]. */
function beginning({ data, shape, dtype }: NdArray): NdArray {
  const [batch, size] = [shape[0]!, sizeOf(shape.slice(1))];
  const rows =
    dtype === "float32" ? new Float32Array(batch * (size + 1)) : new Float64Array(batch * (size + 1));
  for (let i = 0; i < batch; i++) rows.set(data.subarray(i * size, (i + 1) * size), i * (size + 1));
  return ndarray(rows as Float64Array, [batch, size + 1], dtype as "float64");
}

const shifted = (log: NdArray, change: Float64Array): NdArray<"float64"> =>
  ndarray(
    change.map((value, i) => log.data[i]! + value),
    [change.length],
    "float64",
  );

/** -|x|^2 / 2 - size log(2 pi) / 2 for each sample of x [batch, ...event]. */
export function logStandardNormal({ data, shape }: NdArray): NdArray<"float64"> {
  const size = sizeOf(shape.slice(1));
  const logs = new Float64Array(shape[0]!).fill((-size / 2) * Math.log(2 * Math.PI));
  data.forEach((value: number, e: number) => {
    logs[Math.floor(e / size)]! -= (value * value) / 2;
  });
  return ndarray(logs, [shape[0]!], "float64");
}

/**
 * -(log p + size log binWidth) / (size log 2): bits per element of data in bins of the given width (2 / 256 for bytes
 * scaled to [-1, 1]; 1 unless given). Throws "option" unless size and binWidth are > 0.
 */
export function bitsPerDimension(
  logLikelihood: number,
  { size, binWidth = 1 }: { readonly size: number; readonly binWidth?: number },
): number {
  checkPositive("bitsPerDimension", { size, binWidth });
  return -(logLikelihood / size + Math.log(binWidth)) / Math.LN2;
}
