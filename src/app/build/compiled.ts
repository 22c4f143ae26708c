import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { batched, type RunOptions, spec } from "../../engine/runtime/index.ts";
import { constant, mapTree, type Tensor } from "../../engine/tensor/index.ts";
import type { CompiledField } from "../../flow/index.ts";
import type { Params, Values } from "../../nn/index.ts";
import type { Guidance } from "../recipe/index.ts";
import { type Fields, fieldsOf, leap } from "./fields.ts";
import type { Told } from "./network.ts";
import type { Plan } from "./plan.ts";
import type { ToldRows } from "./starts.ts";

/** What is compiled: a network with its parameters, for the rows of x0 and what these are told. */
export interface CompileRequest extends RunOptions {
  readonly params: Values<Params>;
  /** [count, ...shape] */
  readonly x0: NdArray;
  readonly told?: ToldRows;
  readonly guidance?: Guidance | undefined;
}

/** Rows that the network sees at once. */
export function rowsAtOnce(shape: readonly number[], count: number): number {
  const size = shape.reduce((a, b) => a * b, 1);
  return Math.max(1, Math.min(count, Math.floor(2 ** 16 / size)));
}

interface Open<F> extends Disposable {
  readonly at: F;
}

type Rows = { readonly x: Tensor; readonly t: Tensor; readonly to: Tensor; readonly told: Told };

function compiledRows(
  plan: Plan,
  { params, x0, told = {}, device, threads, guidance }: CompileRequest,
  compute: (fields: Fields, rows: Rows) => Tensor,
) {
  const bound = mapTree(params, (array: NdArray) => constant(array)) as Params;
  const [count, ...shape] = x0.shape as [number, ...number[]];
  const fn = (rows: Rows) => compute(fieldsOf(plan, { params: bound, told: rows.told, guidance }), rows);
  const signature = (batch: number) =>
    [
      {
        x: spec([batch, ...shape]),
        t: spec([batch]),
        to: spec([batch]),
        told: {
          ...(told.labels && { labels: spec([batch], "int32") }),
          ...(told.vector && { vector: spec([batch, told.vector.shape[1]!]) }),
        },
      },
    ] as const;
  const run = batched<[Rows], Tensor>(fn, signature as never, {
    sizes: [rowsAtOnce(shape, count)],
    ...(device && { device }),
    ...(threads !== undefined && { threads }),
  });
  const call = async (x: NdArray, t: NdArray, to: NdArray, rows = told): Promise<NdArray> =>
    run({ x, t, to, told: rows } as never) as Promise<NdArray>;
  return { call, dispose: () => run[Symbol.dispose]() };
}

/** A field of x0 and of parts of it; those are told what is given with them. */
type RowsField = (x: NdArray, t: NdArray, told?: ToldRows) => ReturnType<CompiledField>;

export function compiledField(
  plan: Plan,
  request: CompileRequest,
  which: "velocity" | "network" | "score",
): Open<RowsField> {
  const { call, dispose } = compiledRows(plan, request, (fields, { x, t }) => fields[which](x, t));
  return { at: (x, t, told) => call(x, t, t, told), [Symbol.dispose]: dispose };
}

export function compiledJump(
  plan: Plan,
  request: CompileRequest,
): Open<(x: NdArray, from: number, to: number) => Promise<NdArray>> {
  const { call, dispose } = compiledRows(plan, request, ({ average }, { x, t, to }) =>
    leap(average, x, t, to),
  );
  const filled = (x: NdArray, time: number) =>
    ndarray(new Float32Array(x.shape[0]!).fill(time), [x.shape[0]!]);
  return { at: (x, from, to) => call(x, filled(x, from), filled(x, to)), [Symbol.dispose]: dispose };
}
