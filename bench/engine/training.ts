import { availableParallelism } from "node:os";
import {
  type Draw,
  integers,
  type Key,
  key,
  type NdArray,
  normal,
  random,
  reshape,
  spec,
  type Tensor,
  takeRows,
} from "advect/engine";
import { mse } from "advect/nn";
import { trainer } from "advect/train";
import type { Candidate, Contender } from "../harness/measure.ts";
import { timed } from "../harness/steps.ts";
import type { TrainModel } from "./models.ts";
import { type AnyModel, networkOf } from "./network.ts";
import type { Side } from "./side.ts";

const rows = 4096;

/** One training step of flow matching: the twin of bench/peers/train.py. */
export async function trainStep(model: TrainModel): Promise<Side> {
  const network = networkOf(model);
  const started = performance.now();
  using probe = await start(model, { network });
  const openMs = performance.now() - started;
  const counts = [...new Set([1, availableParallelism()])];
  return {
    flops: probe.flops,
    openMs,
    candidates: counts.map((threads) => candidate(model, { network, threads })),
    profiled: (profile) => candidate(model, { network, threads: probe.threads, profile }),
  };
}

interface Way {
  readonly network: AnyModel;
  readonly threads?: number;
  readonly profile?: string;
}

function candidate(model: TrainModel, way: Way): Candidate {
  const settings = `${way.threads} thread${way.threads === 1 ? "" : "s"}`;
  const open = async (): Promise<Contender> => {
    const training = await start(model, way);
    const data = drawData(model);
    let count = 0;
    const step = () => training.step(...batchOf(model, { data, key: key("run").fold(count++) }));
    await timed(step, 3);
    return { settings, round: (steps) => timed(step, steps), close: async () => training[Symbol.dispose]() };
  };
  return { settings, open };
}

function start(model: TrainModel, { network, threads, profile }: Way) {
  const { batch, condition } = model;
  const { learningRate, weightDecay, clip, emaDecay } = model.training;
  return trainer({
    params: network.init(key("params")),
    loss: lossOf(network),
    signature: [spec([batch, ...model.x]), condition > 0 ? { vector: spec([batch, condition]) } : {}, random],
    learningRate,
    optimizer: { weightDecay },
    clipNorm: clip,
    ema: emaDecay,
    ...(threads && { threads }),
    ...(profile && { profile }),
  });
}

/** Mean of |v(x_t, t) - (x1 - x0)|^2 with x_t = (1 - t) x0 + t x1 [lipman2023]. */
function lossOf(network: AnyModel) {
  return (
    params: Parameters<AnyModel["apply"]>[0],
    x1: Tensor,
    condition: { vector?: Tensor },
    draw: Draw,
  ) => {
    const x0 = draw.normal("x0", x1.shape);
    const t = draw.uniform("t", [x1.shape[0]!]);
    const time = reshape(t, [x1.shape[0]!, ...x1.shape.slice(1).map(() => 1)]);
    const velocity = x1.sub(x0);
    return mse({
      prediction: network.apply(params, x0.add(velocity.mul(time)), t, condition),
      target: velocity,
    });
  };
}

interface Data {
  readonly x1: NdArray;
  readonly condition: NdArray | undefined;
}

function drawData(model: TrainModel): Data {
  const data = key("data");
  return {
    x1: normal(data.fold("x1"), [rows, ...model.x]),
    condition: model.condition > 0 ? normal(data.fold("condition"), [rows, model.condition]) : undefined,
  };
}

function batchOf({ batch }: TrainModel, { data, key }: { data: Data; key: Key }) {
  const chosen = integers(key.fold("rows"), [batch], { low: 0, high: rows }).data;
  const condition = data.condition ? { vector: takeRows(data.condition, chosen) } : {};
  return [takeRows(data.x1, chosen), condition, key] as const;
}
