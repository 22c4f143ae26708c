import { createHash } from "node:crypto";
import type { NdArray } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { exportOnnx, type Spec, spec } from "../../../src/engine/runtime/index.ts";
import { type Tensor, valueAndGrad } from "../../../src/engine/tensor/index.ts";
import { exportSampler, uniformGrid } from "../../../src/flow/solver/index.ts";
import { lstm, mse, type Params } from "../../../src/nn/index.ts";
import { modelNamed, numbersFor, paramsOf, type Told, toldSpecs } from "./golden-models.ts";

/** A file, and what to run it on. */
export interface Exported {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly inputs: Readonly<Record<string, NdArray>>;
}

const batch = 2;
const inputNames = ["x", "t", "told", "target"];

/** A velocity of one of the reference models, or its loss with every gradient. */
function network(name: string, what: "velocity" | "training", standard: boolean): Exported {
  const reference = modelNamed(name);
  const params = paramsOf(reference);
  const x = spec([batch, ...reference.shape]);
  const told = toldSpecs(reference, batch);
  const velocity = (p: Params, ...[at, t, condition]: [Tensor, Tensor, Told]) =>
    reference.model.apply(p, at, t, condition);
  const training = (p: Params, at: Tensor, t: Tensor, condition: Told, target: Tensor) => {
    const loss = (own: Params) => mse({ prediction: velocity(own, at, t, condition), target });
    const { value, gradient } = valueAndGrad(loss)(p);
    return { loss: value, gradient };
  };
  const shared = { params, inputNames, standard };
  const bytes =
    what === "velocity"
      ? exportOnnx({ ...shared, fn: velocity, signature: [x, spec([batch]), told] })
      : exportOnnx({ ...shared, fn: training, signature: [x, spec([batch]), told, x] });
  const specs = { x, t: spec([batch]), ...under("told", told), ...(what === "training" && { target: x }) };
  return { name: `${what} of ${name}`, bytes, inputs: inputsOf(specs) };
}

function recurrent(standard: boolean): Exported {
  const net = lstm({ inputs: 3, hidden: 5, layers: 2 });
  const x = spec([batch, 6, 3]);
  const fn = (p: Parameters<typeof net.apply>[0], at: Tensor) => net.apply(p, at);
  const params = net.init(key("lstm"));
  const bytes = exportOnnx({ fn, params, signature: [x], inputNames, standard });
  return { name: "lstm", bytes, inputs: inputsOf({ x }) };
}

/** Fifty steps of the midpoint rule by a Loop. */
function sampling(standard: boolean): Exported {
  const reference = modelNamed("mlp with condition");
  const params = paramsOf(reference) as never;
  const condition = (size: number) => toldSpecs(reference, size) as never;
  const field = (p: Params, told: Told) => (x: Tensor, t: Tensor) => reference.model.apply(p, x, t, told);
  const event = reference.shape;
  const times = uniformGrid(50);
  const bytes = exportSampler<Params, Told>({
    ...{ field, params, event, times, condition, batch, standard, way: "steps" },
  });
  const specs = { x0: spec([batch, ...event]), ...under("condition", toldSpecs(reference, batch)) };
  return { name: "sampler by loop", bytes, inputs: inputsOf(specs) };
}

const under = (prefix: string, specs: Record<string, Spec>): Record<string, Spec> =>
  Object.fromEntries(Object.entries(specs).map(([name, value]) => [`${prefix}.${name}`, value]));

function inputsOf(specs: Record<string, Spec>): Record<string, NdArray> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, value]) => [name, numbersFor(value, key("inputs").fold(name))]),
  );
}

const networks = ["mlp with condition", "residual mlp", "dit", "unet 1-d", "unet 2-d"];

/** What the golden numbers are for: every kind of network and a loop, as they are and in operations of ONNX alone. */
export function exportedModels(): Exported[] {
  return [false, true].flatMap((standard) => {
    const models = [
      ...networks.map((name) => network(name, "velocity", standard)),
      recurrent(standard),
      network("dit", "training", standard),
      sampling(standard),
    ];
    return models.map((model) => (standard ? { ...model, name: `${model.name} standard` } : model));
  });
}

export const fileName = (name: string): string => name.replaceAll(" ", "-");

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** About 64 of the elements, evenly spread: enough to tell numbers apart. */
export function thinned({ shape, data }: NdArray): { every: number; numbers: number[] } {
  const size = shape.reduce((a, b) => a * b, 1);
  const every = Math.max(1, Math.floor(size / 64));
  return { every, numbers: Array.from(data).filter((_, i) => i % every === 0) };
}
