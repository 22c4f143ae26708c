import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { type Clock, systemClock } from "../../engine/clock.ts";
import type { Files } from "../../engine/platform/index.ts";
import type { Key } from "../../engine/random/index.ts";
import { mapTree } from "../../engine/tensor/index.ts";
import { type CompiledField, fixed, flowPairs, midpoint, uniformGrid } from "../../flow/index.ts";
import type { Params, Values } from "../../nn/index.ts";
import type { ProgressOptions, Snapshot } from "../../train/index.ts";
import { duration, statusLine } from "../../train/progress-line.ts";
import { compiledField, rowsAtOnce } from "../build/compiled.ts";
import type { Data } from "../build/data.ts";
import type { Plan } from "../build/plan.ts";
import { startsOf, toldRows } from "../build/starts.ts";
import type { CompleteRecipe } from "../recipe/index.ts";

export interface PairsRequest {
  readonly recipe: CompleteRecipe;
  readonly plan: Plan;
  readonly data: Data;
  readonly trainer: {
    readonly threads: number;
    snapshot(): Snapshot<Params>;
  };
  readonly files: Files;
  /** From 1. */
  readonly round: number;
  readonly key: Key;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ProgressOptions | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Noise or the source, x0, where the flow of the trained parameters carries it, x1, and what each row was told. Whether
 * to stop is asked at every call of the network; undefined then. Throws "numerical" for a flow that cannot be solved.
 */
export async function makePairs(request: PairsRequest): Promise<Record<string, NdArray> | undefined> {
  const { plan, data, trainer, recipe, round, signal } = request;
  const { count, steps } = sizesOf(recipe);
  const rows = "rows" in data.from ? data.from.rows : undefined;
  const told = toldRows(plan, { count, vectors: rows?.vector });
  const x0 = startsOf(plan, { count, key: request.key.fold("pairs").fold(round), source: data.source });
  const { ema, params } = trainer.snapshot();
  const values = (recipe.training.ema.kind === "none" ? params : ema) as Values<Params>;
  using field = compiledField(plan, { params: values, x0, told, threads: trainer.threads }, "velocity");
  const size = rowsAtOnce(plan.sizes.shape, count);
  using watch = watching(request, {
    calls: Math.ceil(count / size) * steps * midpoint.tableau.c.length,
    count,
  });
  const x1: Float32Array = new Float32Array(x0.data.length);
  for (let from = 0; from < count; from += size) {
    const part = <T extends object>(tree: T) => rowsFrom(tree, from, Math.min(count, from + size));
    const along = part(told);
    const velocity: CompiledField = async (x, t) => {
      await watch.turn();
      return field.at(x, t, along);
    };
    const found = await unlessAborted(() => solved(velocity, part({ x0 }).x0, steps), signal);
    if (!found) return undefined;
    x1.set(found, (x0.data.length / count) * from);
  }
  return { x0, x1: ndarray(x1, x0.shape), ...told };
}

function sizesOf({ kind, method, training }: CompleteRecipe) {
  const { pairs = kind === "images" ? 4000 : 20_000, steps = 32 } = method as Extract<
    CompleteRecipe["method"],
    { kind: "reflow" }
  >;
  return { count: Math.max(pairs, training.batch), steps };
}

async function solved(field: CompiledField, x0: NdArray, steps: number): Promise<Float32Array> {
  const { x1 } = await flowPairs(field, x0, {
    times: uniformGrid(steps),
    solver: midpoint,
    control: fixed(),
  });
  return x1.data as Float32Array;
}

function rowsFrom<T extends object>(tree: T, from: number, to: number): T {
  return mapTree(tree as never, (array: NdArray) => {
    const width = array.data.length / array.shape[0]!;
    return ndarray(
      array.data.slice(from * width, to * width),
      [to - from, ...array.shape.slice(1)],
      array.dtype,
    );
  }) as T;
}

async function unlessAborted<T>(
  action: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return undefined;
    throw error;
  }
}

interface Watch extends Disposable {
  /** Before every call of the network. Throws the signal's reason. */
  turn(): Promise<void>;
}

/** Shows how far it is, and lets signals through: the native runtime never waits for anything. */
function watching(
  { progress, clock = systemClock, signal, round }: PairsRequest,
  { calls, count }: { readonly calls: number; readonly count: number },
): Watch {
  const line = progress && statusLine({ ...progress, clock });
  const began = clock.nowMs();
  let done = 0;
  return {
    async turn() {
      const share = done++ / calls;
      const left = share > 0 ? ((clock.nowMs() - began) / 1000) * (1 / share - 1) : undefined;
      const percent = `pairs for round ${round + 1}: ${Math.floor(100 * share)} % of ${count}`;
      line?.show(left === undefined ? percent : `${percent}  ${duration(left)} left`);
      await new Promise((next) => setTimeout(next, 0));
      signal?.throwIfAborted();
    },
    [Symbol.dispose]: () => line?.finish(),
  };
}
