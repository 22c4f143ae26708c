import { key } from "../../engine/random/index.ts";
import { type RunOptions, random, type Signature, spec } from "../../engine/runtime/index.ts";
import type { Draw } from "../../engine/tensor/index.ts";
import type { Params } from "../../nn/index.ts";
import { type Rate, type Trainer, trainer } from "../../train/index.ts";
import { type Feeding, feeding } from "../build/batches.ts";
import type { Data } from "../build/data.ts";
import type { Pairs } from "../build/objective.ts";
import { optimization } from "../build/optimizer.ts";
import { type Plan, planOf } from "../build/plan.ts";
import type { CompleteRecipe } from "../recipe/index.ts";

type Arguments = readonly [Pairs, Draw];

/** All that a recipe's training consists of, ready to run. */
export interface Prepared extends Disposable {
  readonly plan: Plan;
  readonly data: Data;
  readonly trainer: Trainer<Params, Arguments>;
  readonly feeding: Feeding;
  /** The rate follows steps that are known later: see budget.ts. */
  schedule(steps: number): void;
}

/** Builds the model and its training step. Throws "option", "shape", "numerical" for words that do not fit the data. */
export async function prepare(
  recipe: CompleteRecipe,
  data: Data,
  options: RunOptions = {},
): Promise<Prepared> {
  const root = key(recipe.seed);
  const plan = planOf(recipe, data.sizes);
  const fed = feeding(recipe, data, root.fold("batches"));
  let rate: Rate = () => 0;
  const built = await trainer<Params, Arguments>({
    ...options,
    ...optimization(recipe.training, 1),
    learningRate: (step) => rate(step),
    params: plan.init(root.fold("model")) as never,
    ...(plan.next && { next: plan.next }),
    loss: (params, batch, draw) => plan.loss(params, batch, draw),
    signature: signatureOf(recipe, data, fed) as Signature<Arguments>,
  });
  return {
    plan,
    data,
    trainer: built,
    feeding: fed,
    schedule: (steps) => {
      const { learningRate } = optimization(recipe.training, steps);
      rate = (step) => learningRate(step % steps);
    },
    [Symbol.dispose]: () => {
      fed[Symbol.dispose]();
      built[Symbol.dispose]();
    },
  };
}

function signatureOf({ training }: CompleteRecipe, { sizes }: Data, { bringsX0 }: Feeding) {
  const { shape, classes, conditionSize } = sizes;
  const rows = spec([training.batch, ...shape]);
  const condition = {
    ...(classes > 0 && { labels: spec([training.batch], "int32") }),
    ...(conditionSize > 0 && { vector: spec([training.batch, conditionSize]) }),
  };
  return [{ x1: rows, ...(bringsX0 && { x0: rows }), condition }, random] as unknown;
}
