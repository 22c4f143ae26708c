import { key, type NdArray, namedLeaves, ndarray } from "advect/engine";
import { residualMlp, unet1d } from "advect/nn";
import {
  type Observation,
  type PolicyDesign,
  type PolicyModel,
  type PolicySpec,
  pushtSpec,
} from "advect/robot";
import type { Network } from "../engine/models.ts";

/** Untrained policies of the sizes that are promised: what they say does not matter here, how long they take does. */
export interface SizedPolicy {
  readonly model: PolicyModel;
  readonly parameterCount: number;
  /** What the network is told. */
  readonly conditionSize: number;
  /** The same network, as peers build it. */
  readonly network: Network;
}

/** The shipped kind: a 1-D U-Net of 1.2 M parameters for PushT. */
const unet = {
  ...{ kind: "unet1d" as const, widths: [32, 64, 128], kernel: 5, groups: 8 },
  ...{ timeSize: 64, blocksPerLevel: 2 as const },
};

export const pushtSized = (method: PolicyDesign["method"]): SizedPolicy => {
  const spec = pushtSpec();
  const conditionSize = conditionOf(spec);
  const params = unet1d({ ...unet, size: spec.action.length, conditionSize }).init(key("pusht"));
  return sized({ spec, backbone: unet, method }, { params, network: unet, conditionSize });
};

const residual = {
  ...{ kind: "residualMlp" as const, hidden: 256, depth: 4, expansion: 1 },
  ...{ conditioning: "film" as const, timeSize: 64, timeOutputs: 128 },
};

/** Seven joints at 50 Hz, chunks of 16. */
const armSpec: PolicySpec = {
  name: "arm",
  observation: { "observation.state": [7], "observation.target": [7] },
  obsHorizon: 2,
  horizon: 16,
  executeSteps: 8,
  stepSeconds: 0.02,
  action: Array.from({ length: 7 }, (_, i) => ({
    ...{ name: `joint ${i + 1}`, kind: "position", unit: "rad" },
    ...{ low: -3, high: 3, maxRate: 3, maxAcceleration: 20 },
  })),
};

export function armSized(): SizedPolicy {
  const conditionSize = conditionOf(armSpec);
  const size = armSpec.horizon * armSpec.action.length;
  const params = residualMlp({ ...residual, size, conditionSize }).init(key("arm"));
  const design: PolicyDesign = { spec: armSpec, backbone: residual, method: { kind: "flow", steps: 5 } };
  return sized(design, { params, network: residual, conditionSize });
}

/** An observation of zeros: as much work as any. */
export const blankObservation = ({ observation, obsHorizon }: PolicySpec): Observation =>
  Object.fromEntries(
    Object.entries(observation).map(([name, shape]) => {
      const whole = [obsHorizon, ...shape];
      return [name, ndarray(new Float32Array(whole.reduce((a, b) => a * b, 1)), whole)];
    }),
  );

const conditionOf = ({ observation, obsHorizon }: PolicySpec) =>
  obsHorizon * Object.values(observation).reduce((sum, [length = 1]) => sum + length, 0);

interface Built extends Pick<SizedPolicy, "network" | "conditionSize"> {
  readonly params: unknown;
}

function sized(design: PolicyDesign, { params, ...rest }: Built): SizedPolicy {
  const { observation, action } = design.spec;
  const sizes = Object.entries(observation).map(([name, [length = 1]]) => [name, length] as const);
  const unit = (size: number) => ({ shift: new Float64Array(size), scale: new Float64Array(size).fill(1) });
  const scalings = [...sizes, ["action", action.length] as const].map(([name, size]) => [name, unit(size)]);
  const leaves = [...namedLeaves<NdArray>(params as never).values()];
  return {
    ...rest,
    model: { design, scalings: Object.fromEntries(scalings), params: params as PolicyModel["params"] },
    parameterCount: leaves.reduce((sum, { data }) => sum + data.length, 0),
  };
}
