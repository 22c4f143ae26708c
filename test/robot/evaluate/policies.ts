import { ndarray } from "../../../src/engine/array/index.ts";
import { normal } from "../../../src/engine/random/index.ts";
import type { Observation, Policy, PolicyRequest, PolicySpec } from "../../../src/robot/policy/policy.ts";

/** What scripted policies can be told, also through a worker. */
export interface Script {
  readonly kind: "constant" | "noise" | "around" | "straight";
  readonly horizon?: number;
}

const position = (name: string) => ({ name, kind: "position", unit: "px", low: 0, high: 512 }) as const;
const velocity = (name: string) => ({ name, kind: "velocity", unit: "m/s", low: -1, high: 1 }) as const;

function specOf({ kind, horizon = 16 }: Script): PolicySpec {
  const isPushT = kind === "constant" || kind === "noise";
  return {
    name: kind,
    observation: isPushT
      ? { "observation.state": [2], "observation.environment_state": [18] }
      : { "observation.state": [2] },
    obsHorizon: 2,
    horizon,
    executeSteps: 8,
    stepSeconds: 0.1,
    action: isPushT ? [position("x"), position("y")] : [velocity("vx"), velocity("vy")],
  };
}

/** Which way a key decides for. */
export const goesAbove = ({ key }: Pick<PolicyRequest, "key">) => normal(key, [1]).data[0]! > 0;

const place = (observation: Observation) => Array.from(observation["observation.state"]!.data.slice(-2));

/** Actions of a chunk, one after another. */
const actions: Record<Script["kind"], (request: PolicyRequest, step: number) => readonly number[]> = {
  constant: () => [200, 300],
  noise: ({ key }, step) => Array.from(normal(key.fold(step), [2], { mean: 256, std: 60 }).data),
  straight: () => [1, 0],
  around(request) {
    const [x, y] = place(request.observation) as [number, number];
    const start = x < -0.75;
    const side = start ? (goesAbove(request) ? 1 : -1) : Math.sign(y);
    if (start || x < -0.3) return [0.3, side * (Math.abs(y) < 0.55 ? 1 : 0)];
    return x < 0.42 ? [1, 0] : [0.8 - x, -y];
  },
};

/** Policies whose episodes can be told without playing them. */
export function policy(script: Script): Policy {
  const spec = specOf(script);
  const predict = async (request: PolicyRequest) => {
    const rows = Array.from({ length: spec.horizon }, (_, i) => actions[script.kind](request, i));
    return { actions: ndarray(Float32Array.from(rows.flat()), [spec.horizon, 2]), nfe: 5 };
  };
  return {
    spec,
    predict,
    predictMany: (requests) => Promise.all(requests.map(predict)),
    session: () => Promise.reject(new Error("no field")),
    [Symbol.dispose]() {},
  };
}

/** Where workers find them. */
export const source = (options: Script) => ({ module: import.meta.url, options });
