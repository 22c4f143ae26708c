import { type Condition, dit, type Model, mlp, type Params, residualMlp, unet1d, unet2d } from "advect/nn";
import type { SampleModel, TrainModel } from "./models.ts";

type Described = Pick<TrainModel | SampleModel, "network" | "x" | "condition">;

/** The model with any tree of parameters: benches pass them on without looking inside. */
export type AnyModel = Model<Params, Condition>;

/** advect's network for a model of this bench. */
export function networkOf({ network, x, condition }: Described): AnyModel {
  return build(network, { x, conditionSize: condition }) as unknown as AnyModel;
}

function build(
  network: Described["network"],
  given: { x: readonly number[]; conditionSize: number },
): unknown {
  const { x, conditionSize } = given;
  switch (network.kind) {
    case "mlp":
      return mlp({ ...network, size: product(x), conditionSize });
    case "residualMlp":
      return residualMlp({ ...network, size: product(x), conditionSize });
    case "dit":
      return dit({ ...network, shape: x, conditionSize });
    case "unet1d":
      return unet1d({ ...network, size: x[1]!, conditionSize });
    case "unet2d":
      return unet2d({ ...network, shape: x as [number, number, number], conditionSize });
  }
}

const product = (lengths: readonly number[]) => lengths.reduce((a, b) => a * b, 1);
