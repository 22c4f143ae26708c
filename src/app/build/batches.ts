import { split } from "../../data/index.ts";
import { type NdArray, takeRows } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { type Key, normal } from "../../engine/random/index.ts";
import { mapTree } from "../../engine/tensor/index.ts";
import { type Coupling, couplingOf, paired } from "../../flow/index.ts";
import { arrayBatches, type Batches, mapBatches } from "../../train/index.ts";
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

export interface Feeding {
  readonly train: Batches<StepArguments>;
  /** Of data kept from training; of fresh samples where those have no end. */
  readonly validation: Batches<StepArguments>;
  /** Whether batches bring their x0. */
  readonly bringsX0: boolean;
}

/** Batches of a recipe's data, paired by its coupling. Throws "option" for batches larger than the data. */
export function feeding(recipe: CompleteRecipe, data: Data, key: Key): Feeding {
  const { training, coupling: words } = recipe;
  const coupling = couplingOf(couplingSpec(words));
  const bringsX0 =
    words.kind !== "independent" || data.source !== undefined || recipe.method.kind === "reflow";
  const pair = (batches: Batches<Rows>) => pairing(batches, { data, coupling, bringsX0 });
  const batchSize = training.batch;
  if ("draw" in data.from) {
    const drawn = pair(drawnBatches(data.from.draw, batchSize));
    return { train: drawn, validation: drawn, bringsX0 };
  }
  const { train, validation = train } = partsOf(recipe, data.from.rows, key);
  checkBatch(batchSize, train.x1.shape[0]!);
  return {
    train: pair(arrayBatches(train, { batchSize }) as Batches<Rows>),
    validation: pair(cycled(validation, batchSize)),
    bringsX0,
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
  readonly coupling: Coupling;
  readonly bringsX0: boolean;
}

/** Rows with an x0 each, by the coupling, and the key of the step. */
function pairing(batches: Batches<Rows>, { data, coupling, bringsX0 }: Pairing): Batches<StepArguments> {
  return mapBatches(batches, ({ batch: { x1, ...condition }, key }): StepArguments => {
    if (!bringsX0) return [{ x1, condition }, key];
    const [count, ...shape] = x1.shape as [number, ...number[]];
    const x0 = data.source?.(key.fold("source"), count) ?? normal(key.fold("source"), [count, ...shape]);
    const known = condition.labels ?? condition.vector;
    const pairs = paired(coupling, {
      x0,
      x1,
      key: key.fold("coupling"),
      ...(known && { condition: known }),
      along: condition,
    });
    return [{ x1: pairs.x1, x0: pairs.x0, condition: pairs.along }, key];
  });
}
