import { split } from "../../data/index.ts";
import { type NdArray, takeRows } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { Key } from "../../engine/random/index.ts";
import { mapTree } from "../../engine/tensor/index.ts";
import type { CouplingSpec } from "../../flow/index.ts";
import { arrayBatches, type Batches, mapBatches, pairedBatches } from "../../train/index.ts";
import type { CompleteRecipe } from "../recipe/index.ts";
import { couplingSpec } from "./coupling.ts";
import type { Data, Rows } from "./data.ts";

/** The arrays of a step, in the order of `Pairs` of objective.ts. */
export interface BatchArrays {
  readonly x1: NdArray;
  /** Given where pairs are made before the step: with a coupling, a source, or pairs of a flow. */
  readonly x0?: NdArray;
  readonly condition: { readonly labels?: NdArray; readonly vector?: NdArray };
}

export type StepArguments = readonly [BatchArrays, Key];

export interface Feeding extends Disposable {
  readonly train: Batches<StepArguments>;
  /** Of data kept from training; of fresh samples where those have no end. */
  readonly validation: Batches<StepArguments>;
  /** Whether batches bring their x0. */
  readonly bringsX0: boolean;
}

/**
 * Batches of a recipe's data, paired by its coupling: large ones in a worker, ahead of training. Dispose it when training
 * is over. Throws "option" for batches larger than the data.
 */
export function feeding(recipe: CompleteRecipe, data: Data, key: Key): Feeding {
  const { coupling: words, method } = recipe;
  const bringsX0 = words.kind !== "independent" || data.source !== undefined || method.kind === "reflow";
  const { train, validation } = rowBatches(recipe, data, key);
  const [first, second] = [train, validation].map((batches) =>
    pairing(batches, { data, coupling: couplingSpec(words), bringsX0 }),
  ) as [Paired, Paired];
  return {
    train: first.batches,
    validation: second.batches,
    bringsX0,
    [Symbol.dispose]: () => {
      first[Symbol.dispose]();
      second[Symbol.dispose]();
    },
  };
}

interface RowBatches {
  readonly train: Batches<Rows>;
  readonly validation: Batches<Rows>;
}

function rowBatches(recipe: CompleteRecipe, { from }: Data, key: Key): RowBatches {
  const batchSize = recipe.training.batch;
  if ("draw" in from) {
    const drawn = drawnBatches(from.draw, batchSize);
    return { train: drawn, validation: drawn };
  }
  const { train, validation = train } = partsOf(recipe, from.rows, key);
  checkBatch(batchSize, train.x1.shape[0]!);
  return {
    train: arrayBatches(train, { batchSize }) as Batches<Rows>,
    validation: cycled(validation, batchSize),
  };
}

/** The rows to train on, and those kept from training where the recipe asks for validation. `key`: as of `feeding`. */
export function partsOf(
  { training: { validation } }: CompleteRecipe,
  rows: Rows,
  key: Key,
): { readonly train: Rows; readonly validation?: Rows } {
  if (!validation) return { train: rows };
  const parts = split(key.fold("split"), { count: rows.x1.shape[0]!, validation: validation.part });
  const part = (chosen: Int32Array) => mapTree(rows, (array: NdArray) => takeRows(array, chosen)) as Rows;
  return { train: part(parts.train), validation: part(parts.validation) };
}

function checkBatch(batch: number, rows: number): void {
  if (batch <= rows) return;
  throw new AdvectError("option", "training.batch", {
    expected: `at most ${rows}, the rows of the data that are for training`,
    got: batch,
    fix: `Set training.batch to ${rows} or less.`,
  });
}

/** Fresh samples in every batch. */
function drawnBatches(
  draw: (key: Key, count: number) => NdArray<"float32">,
  batchSize: number,
): Batches<Rows> {
  return { batchSize, at: (index, key) => ({ x1: draw(key.fold("data").fold(index), batchSize) }) };
}

/** Rows in order, and again from the first: batches of any size, for validation. */
function cycled(rows: Rows, batchSize: number): Batches<Rows> {
  const count = rows.x1.shape[0]!;
  return {
    batchSize,
    at: (index) => {
      const chosen = Int32Array.from({ length: batchSize }, (_, i) => (index * batchSize + i) % count);
      return mapTree(rows, (array: NdArray) => takeRows(array, chosen)) as Rows;
    },
  };
}

interface Pairing {
  readonly data: Data;
  readonly coupling: CouplingSpec;
  readonly bringsX0: boolean;
}

interface Paired extends Disposable {
  readonly batches: Batches<StepArguments>;
}

/** Rows with an x0 each where the coupling or the source asks for one, and the key of the step. */
function pairing(batches: Batches<Rows>, { data, coupling, bringsX0 }: Pairing): Paired {
  if (!bringsX0) {
    const alone = mapBatches(batches, ({ batch: { x1, ...condition }, key }): StepArguments => {
      return [{ x1, condition }, key];
    });
    return { batches: alone, [Symbol.dispose]: () => {} };
  }
  const started = mapBatches(batches, ({ batch: { x1, ...along }, key }) => {
    const known = along.labels ?? along.vector;
    const x0 = data.source?.(key.fold("source"), x1.shape[0]!);
    return { x1, along, ...(x0 && { x0 }), ...(known && { condition: known }) };
  });
  const pairs = pairedBatches<Omit<Rows, "x1">>(started as never, { coupling });
  return {
    batches: mapBatches(pairs, ({ batch: { x0, x1, along }, key }): StepArguments => {
      return [{ x1, x0, condition: along }, key];
    }),
    [Symbol.dispose]: () => pairs[Symbol.dispose](),
  };
}
