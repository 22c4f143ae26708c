import { type NdArray, ndarray } from "../../../src/engine/array/index.ts";
import { type Key, key, normal } from "../../../src/engine/random/index.ts";
import { random, type Spec, spec } from "../../../src/engine/runtime/index.ts";
import { type Draw, expandDims, filled, mapTree, type Tensor } from "../../../src/engine/tensor/index.ts";
import {
  type Condition,
  dit,
  type Model,
  mlp,
  mse,
  type Params,
  residualMlp,
  unet1d,
  unet2d,
  type Values,
} from "../../../src/nn/index.ts";
import type { LossFunction } from "../../../src/train/index.ts";

/** A network, the shape of one x, and what it is told besides. */
export interface ReferenceModel {
  readonly name: string;
  readonly model: Model<Params, Condition>;
  readonly shape: readonly number[];
  readonly conditionSize?: number;
  readonly classes?: number;
}

type Sizes = Pick<ReferenceModel, "conditionSize" | "classes">;

function reference<P extends Params>(
  name: string,
  model: Model<P, Condition>,
  [shape, sizes]: readonly [shape: readonly number[], sizes?: Sizes],
): ReferenceModel {
  return { name, model: model as unknown as Model<Params, Condition>, shape, ...sizes };
}

const timeScale = 10;

/** Small relatives of the models that the engine is measured with. */
export const referenceModels: readonly ReferenceModel[] = [
  reference("mlp tiny", mlp({ size: 2, hidden: 16, depth: 2 }), [[2]]),
  reference("mlp", mlp({ size: 8, hidden: 48, depth: 3 }), [[8]]),
  reference("mlp with condition", mlp({ size: 6, hidden: 32, conditionSize: 5 }), [
    [6],
    { conditionSize: 5 },
  ]),
  reference("mlp with dropout", mlp({ size: 4, hidden: 64, dropout: 0.1 }), [[4]]),
  reference("residual mlp", residualMlp({ size: 6, hidden: 32, depth: 2, timeScale }), [[6]]),
  reference(
    "residual mlp with condition",
    residualMlp({ size: 6, hidden: 24, conditionSize: 3, timeScale }),
    [[6], { conditionSize: 3 }],
  ),
  reference("dit", dit({ shape: [8, 4], hidden: 16, depth: 2, heads: 2, classes: 3, timeScale }), [
    [8, 4],
    { classes: 3 },
  ]),
  reference("unet 1-d", unet1d({ size: 3, widths: [8, 16], timeSize: 8, timeScale }), [[8, 3]]),
  reference("unet 2-d", unet2d({ shape: [1, 8, 8], widths: [8, 16], attentionAt: [4], timeScale }), [
    [1, 8, 8],
  ]),
];

export function modelNamed(name: string): ReferenceModel {
  return referenceModels.find((candidate) => candidate.name === name)!;
}

/** Parameters away from their first values, of which some are zeros that hide everything behind them. */
export function paramsOf({ model }: ReferenceModel): Values<Params> {
  const moved = (array: NdArray, path: string) => {
    const noise = normal(key("golden").fold(path), array.shape, { std: 0.1 }).data;
    return ndarray(
      Float32Array.from(array.data, (value, i) => value + noise[i]!),
      array.shape,
    );
  };
  return mapTree(model.init(key("golden")), moved) as Values<Params>;
}

export interface Told {
  readonly vector?: Tensor;
  readonly labels?: Tensor;
}

export function toldSpecs({ conditionSize = 0, classes = 0 }: ReferenceModel, batch: number) {
  return {
    ...(conditionSize > 0 && { vector: spec([batch, conditionSize]) }),
    ...(classes > 0 && { labels: spec([batch], "int32") }),
  };
}

/** Numbers for an input, from a key; labels are 0, 1, 0 … and times between 0 and 1. */
export function numbersFor({ shape, dtype }: Spec, from: Key): NdArray {
  const size = shape.reduce((a, b) => a * b, 1);
  if (dtype === "int32") return ndarray(Int32Array.from({ length: size }, (_, i) => i % 2), shape, "int32"); // biome-ignore format: one line
  return normal(from, shape);
}

export type FlowArgs = [x1: Tensor, told: Told, draw: Draw];

/** Conditional flow matching on straight paths: the network's velocity against x1 - x0. */
export function flowLoss({ model }: ReferenceModel, batch: number): LossFunction<Params, FlowArgs> {
  return (params, x1, told, draw) => {
    const t = draw.uniform("t", [batch]);
    const x0 = draw.normal("x0", x1.shape);
    const weight = expandDims(
      t,
      x1.shape.slice(1).map((_, i) => i + 1),
    );
    const xt = x0.add(weight.mul(x1.sub(x0)));
    return mse({ prediction: model.apply(params, xt, t, told, draw.fold("net")), target: x1.sub(x0) });
  };
}

/** What `trainer` and `program` need to train the network on batches of this size. */
export function trainingOf(reference: ReferenceModel, batch: number) {
  return {
    params: paramsOf(reference),
    loss: flowLoss(reference, batch),
    signature: [spec([batch, ...reference.shape]), toldSpecs(reference, batch), random] as const,
  };
}

/** x after `steps` Euler steps from noise at t = 0, in one graph. */
export function sampled({ model }: ReferenceModel, steps: number) {
  return (params: Params, x0: Tensor, told: Told): Tensor => {
    let x = x0;
    for (let step = 0; step < steps; step++) {
      const t = filled([x0.shape[0]!], step / steps);
      x = x.add(model.apply(params, x, t, told).mul(1 / steps));
    }
    return x;
  };
}
