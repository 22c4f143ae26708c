import { add, mul, sub, type Tensor } from "../../engine/tensor/index.ts";
import {
  type AverageVelocity,
  alongEvent,
  guide,
  probabilityFlow,
  scoreField,
  type Trained,
  type VelocityField,
} from "../../flow/index.ts";
import type { Params } from "../../nn/index.ts";
import type { Guidance } from "../recipe/index.ts";
import { type Moment, type Told, toldNothing } from "./network.ts";
import { type Answering, predictionOf } from "./objective.ts";
import type { Plan } from "./plan.ts";

/** What a trained network says, in the ways that samplers ask. */
export interface Fields {
  /** As the network answers, guided: see `Trained`. */
  readonly network: VelocityField;
  readonly trained: Trained;
  /** The velocity at (x, t), whatever the network predicts. */
  readonly velocity: VelocityField;
  /** The gradient of log p_t, where noise is Gaussian. */
  readonly score: VelocityField;
  /** Of one-step models. */
  readonly average: AverageVelocity;
}

export interface FieldRequest {
  readonly params: Params;
  readonly told: Told;
  readonly guidance?: Guidance | undefined;
}

/** The fields of a plan with these parameters, for what its samples are told. */
export function fieldsOf(plan: Plan, { params, told, guidance }: FieldRequest): Fields {
  const main = guided(plan, plan.main(params), { told, guidance });
  const trained = { scheduler: plan.scheduler, prediction: predictionOf(plan.recipe.method) };
  const network: VelocityField = (x, t) => main(x, { t });
  return {
    network,
    trained,
    velocity: trained.prediction === "velocity" ? network : probabilityFlow(network, trained),
    score: scoreOf(plan, { network, trained, second: guided(plan, plan.second(params), { told, guidance }) }),
    average: (x, { from, to }) => main(x, { t: from, length: sub(to, from) }),
  };
}

type Asked = (x: Tensor, when: Moment) => Tensor;

/** Guidance of whatever the network predicts: it is linear in the velocity, so both are guided alike. */
function guided(plan: Plan, answer: Answering, { told, guidance }: Omit<FieldRequest, "params">): Asked {
  if (!guidance || guidance.scale === 1) return (x, when) => answer(x, when, told);
  const nothing = toldNothing(told, plan.sizes);
  const { scale, interval } = guidance;
  return (x, when) =>
    guide({
      conditional: (at) => answer(at, when, told),
      unconditional: (at) => answer(at, when, nothing),
      scale,
      ...(interval && { interval }),
    })(x, when.t);
}

/** A bridge learned (sigma^2 / 2) score itself. */
function scoreOf(
  { recipe: { method } }: Plan,
  { network, trained, second }: { network: VelocityField; trained: Trained; second: Asked },
): VelocityField {
  if (method.kind !== "bridgeMatching") return scoreField(network, trained);
  return (x, t) => mul(second(x, { t }), 2 / method.sigma ** 2);
}

/** x + (to - from) u(x, from -> to). */
export function leap(average: AverageVelocity, x: Tensor, from: Tensor, to: Tensor): Tensor {
  return add(x, mul(average(x, { from, to }), alongEvent("jump", sub(to, from), x)));
}
