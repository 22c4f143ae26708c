import type { NdArray } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { interpret, type Tensor } from "../../../src/engine/tensor/index.ts";
import type { Condition, Model, Params, Values } from "../../../src/nn/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { doubled, scrambled } from "../check.ts";

/** What a model is called with. */
export interface Call<P> {
  readonly params: Values<P>;
  readonly x: NdArray;
  readonly t: NdArray;
  readonly condition: { readonly vector?: NdArray; readonly labels?: NdArray };
}

/** Random numbers to call `model` with; parameters too, so that zeros at the start hide nothing. */
export function callOf<P extends Params>(
  model: Model<P, Condition>,
  x: readonly number[],
  condition: Call<P>["condition"] = {},
): Call<P> {
  const params = scrambled(model.init(key(1)));
  return { params, x: sample(x, 1), t: sample([x[0]!], 2, [0.05, 0.95]), condition };
}

/** The model as a function of everything it is called with. */
export function asFunction<P extends Params>(model: Model<P, Condition>) {
  return (params: P, x: Tensor, t: Tensor, condition: { vector?: Tensor; labels?: Tensor }): Tensor =>
    model.apply(params, x, t, condition);
}

export type Arguments<P> = [Values<P>, NdArray, NdArray, Call<P>["condition"]];

export const args = <P>({ params, x, t, condition }: Call<P>) => [params, x, t, condition] as never;

/** The result for these numbers. */
export function run<P extends Params>(model: Model<P, Condition>, call: Call<P>): NdArray<"float64"> {
  return interpret(asFunction(model), ...(args(call) as [never, never, never, never])) as NdArray<"float64">;
}

/** The result with the parameters the model begins with. */
export function runFresh<P extends Params>(model: Model<P, Condition>, call: Call<P>): NdArray<"float64"> {
  return run(model, { ...call, params: doubled(model.init(key(2))) });
}

/** Whether changing `part` of the call changes the result: a model must not ignore what it is told. */
export function dependsOn<P extends Params>(
  model: Model<P, Condition>,
  call: Call<P>,
  part: Partial<Call<P>>,
): boolean {
  const [before, after] = [run(model, call).data, run(model, { ...call, ...part }).data];
  return before.some((value, i) => Math.abs(value - after[i]!) > 1e-6);
}

export const batchOf = (t: readonly number[]): NdArray => ({
  shape: [t.length],
  dtype: "float64",
  data: Float64Array.from(t),
});
