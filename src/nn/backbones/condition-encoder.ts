import { add, type Tensor } from "../../engine/tensor/index.ts";
import { initEach, type ParamsOf } from "../compose.ts";
import { embedding } from "../layers/embedding.ts";
import { linear } from "../layers/linear.ts";
import { timestepEmbedding } from "../layers/sinusoidal.ts";
import type { Layer } from "../model.ts";
import type { ConditionSizes, Conditions } from "./condition.ts";
import { timeEncoder } from "./time.ts";

export interface ConditionEncoderOptions extends ConditionSizes {
  readonly outputs: number;
  readonly timeSize: number;
  readonly timeScale: number;
}

export type ConditionEncoderParams = ParamsOf<ReturnType<typeof parts>>;

/**
 * time MLP(t) + Linear(vector) + row of `labels`: t [batch] -> [batch, outputs]. The table has a last row, number `classes`,
 * for "no label", which training uses now and then so that sampling can be guided [ho2022].
 */
export function conditionEncoder(
  options: ConditionEncoderOptions,
): Layer<ConditionEncoderParams, [conditions: Conditions]> {
  const layers = parts(options);
  return {
    init: (key) => initEach(key, layers),
    apply(params, t, { vector, labels }) {
      const terms = [layers.time.apply(params.time, t)];
      if (vector && layers.vector) terms.push(layers.vector.apply(params.vector!, vector));
      if (labels && layers.labels) terms.push(layers.labels.apply(params.labels!, labels));
      return terms.reduce((sum, term) => add(sum, term));
    },
  };
}

interface Optional {
  readonly vector?: ReturnType<typeof linear>;
  readonly labels?: Layer<{ readonly weight: Tensor }>;
}

function parts({ outputs, timeSize, timeScale, conditionSize = 0, classes = 0 }: ConditionEncoderOptions) {
  const scale = timeScale;
  const optional: Optional = {
    ...(conditionSize > 0 && { vector: linear({ inputs: conditionSize, outputs }) }),
    ...(classes > 0 && { labels: embedding({ count: classes + 1, size: outputs, std: 0.02 }) }),
  };
  return {
    time: timeEncoder({
      size: timeSize,
      hidden: outputs,
      outputs,
      activation: "silu",
      scale,
      embed: timestepEmbedding,
    }),
    ...optional,
  };
}
