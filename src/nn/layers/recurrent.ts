import type { NdArray } from "../../engine/array/index.ts";
import type { Key } from "../../engine/random/index.ts";
import { concat, filled, reshape, slice, stack, type Tensor } from "../../engine/tensor/index.ts";
import { checkCounts, checkLength } from "../check.ts";
import { uniformWithin } from "../initial.ts";
import { affine } from "./linear.ts";

/** weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, then _l0_reverse, then _l1 ...: PyTorch's names. */
export type RecurrentParams = { readonly [name: string]: Tensor };

export interface RecurrentOptions {
  readonly inputs: number;
  readonly hidden: number;
  /** 1 unless given */
  readonly layers?: number;
  /** Whether a second pass runs from the end, its outputs joined to the first's; false unless given. */
  readonly bidirectional?: boolean;
}

/** One direction of one layer. */
export interface Pass {
  readonly layer: number;
  /** l0, l0_reverse, l1, ... */
  readonly suffix: string;
  readonly inputs: number;
  readonly reverse: boolean;
}

/** The passes of all layers, in PyTorch's order of states. Throws "option". */
export function passesOf(where: string, options: RecurrentOptions): Pass[] {
  const { inputs, hidden, layers = 1, bidirectional = false } = options;
  checkCounts(where, { inputs, hidden, layers });
  const directions = bidirectional ? [false, true] : [false];
  return Array.from({ length: layers }, (_, layer) =>
    directions.map((reverse) => ({
      layer,
      suffix: `l${layer}${reverse ? "_reverse" : ""}`,
      inputs: layer === 0 ? inputs : hidden * directions.length,
      reverse,
    })),
  ).flat();
}

/** All from U(-1 / sqrt(hidden), 1 / sqrt(hidden)); `gates` blocks of rows in each. */
export function recurrentValues(
  key: Key,
  { passes, hidden, gates }: { passes: readonly Pass[]; hidden: number; gates: number },
): Readonly<Record<string, NdArray>> {
  const bound = 1 / Math.sqrt(hidden);
  const rows = gates * hidden;
  const shapes = passes.flatMap(({ suffix, inputs }): [string, number[]][] => [
    [`weight_ih_${suffix}`, [rows, inputs]],
    [`weight_hh_${suffix}`, [rows, hidden]],
    [`bias_ih_${suffix}`, [rows]],
    [`bias_hh_${suffix}`, [rows]],
  ]);
  return Object.fromEntries(
    shapes.map(([name, shape]) => [name, uniformWithin(key.fold(name), shape, bound)]),
  );
}

/** (input's share of the gates [batch, gates * hidden], state) -> next state; state[0] is the output. */
export type Cell = (share: Tensor, state: readonly Tensor[]) => readonly Tensor[];

export interface Unrolled {
  /** [batch, time, hidden * directions] */
  readonly output: Tensor;
  /** The last state of every pass. */
  readonly states: readonly (readonly Tensor[])[];
}

/**
 * Runs the passes over x [batch, time, inputs], unrolled. The inputs' share of the gates is one product for all times.
 * initial: for each kind of state [passes, batch, hidden], or undefined for zeros.
 */
export function unroll(
  x: Tensor,
  at: {
    readonly where: string;
    readonly passes: readonly Pass[];
    readonly params: RecurrentParams;
    readonly hidden: number;
    readonly initial: readonly (Tensor | undefined)[];
    readonly cell: (pass: Pass) => Cell;
  },
): Unrolled {
  const { passes, params, hidden, initial } = at;
  checkLength(at.where, x, { axis: -1, length: passes[0]!.inputs });
  const states: (readonly Tensor[])[] = [];
  let below = x;
  for (let layer = 0; layer <= passes.at(-1)!.layer; layer++) {
    const results = passes.flatMap((pass, index) => {
      if (pass.layer !== layer) return [];
      const start = initial.map((state) => stateOf(state, { x, hidden, index }));
      return [sweep(below, { pass, params, start, cell: at.cell(pass) })];
    });
    states.push(...results.map(({ last }) => last));
    below = concat(
      results.map(({ outputs }) => outputs),
      -1,
    );
  }
  return { output: below, states };
}

function stateOf(
  state: Tensor | undefined,
  { x, hidden, index }: { x: Tensor; hidden: number; index: number },
): Tensor {
  const shape = [x.shape[0]!, hidden];
  if (!state) return filled(shape, 0, x.dtype);
  return reshape(slice(state, { axis: 0, start: index, stop: index + 1 }), shape);
}

function sweep(
  x: Tensor,
  {
    pass,
    params,
    start,
    cell,
  }: { pass: Pass; params: RecurrentParams; start: readonly Tensor[]; cell: Cell },
): { outputs: Tensor; last: readonly Tensor[] } {
  const shares = affine(
    { weight: params[`weight_ih_${pass.suffix}`]!, bias: params[`bias_ih_${pass.suffix}`]! },
    x,
  );
  const [batch, time, width] = shares.shape as [number, number, number];
  const outputs = new Array<Tensor>(time);
  let state = start;
  for (let step = 0; step < time; step++) {
    const at = pass.reverse ? time - 1 - step : step;
    state = cell(reshape(slice(shares, { axis: 1, start: at, stop: at + 1 }), [batch, width]), state);
    outputs[at] = state[0]!;
  }
  return { outputs: stack(outputs, 1), last: state };
}

/** h W_hhᵀ + b_hh */
export function recurrence(params: RecurrentParams, { suffix }: Pass, h: Tensor): Tensor {
  return affine({ weight: params[`weight_hh_${suffix}`]!, bias: params[`bias_hh_${suffix}`]! }, h);
}
