import type { NdArray } from "../../engine/array/index.ts";
import { expandDims, type Mapped, sub } from "../../engine/tensor/index.ts";
import type { AverageVelocity } from "../../flow/matching/index.ts";
import { type Condition, type MlpParams, type Model, mlp } from "../../nn/index.ts";

export type NetworkParams = MlpParams;
export type NetworkValues = Mapped<NetworkParams, NdArray>;
export type Network = Model<NetworkParams, Condition>;

/** The network of every method: points of the plane, a time, and the length of an interval, which only mean flow uses. */
export function network({ hidden, depth }: { readonly hidden: number; readonly depth: number }): Network {
  return mlp({ size: 2, hidden, depth, conditionSize: 1 });
}

/** What it says about (x, from, to - from). Methods without intervals ask with to = from. */
export function answers(model: Network, params: NetworkParams): AverageVelocity {
  return (x, { from, to }) => model.apply(params, x, from, expandDims(sub(to, from), -1));
}
