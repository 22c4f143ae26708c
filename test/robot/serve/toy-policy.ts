import { ndarray, sizeOf } from "../../../src/engine/array/index.ts";
import { AdvectError } from "../../../src/engine/error.ts";
import { uniform } from "../../../src/engine/random/index.ts";
import type { ActionChunk, Policy, PolicyRequest, PolicySpec } from "../../../src/robot/policy/index.ts";

/** Two frames of a state of two numbers and of a tiny image; chunks of three actions of two numbers. */
export const toySpec: PolicySpec = {
  name: "toy",
  observation: { "observation.state": [2], "observation.image": [2, 2, 1] },
  obsHorizon: 2,
  horizon: 3,
  executeSteps: 2,
  stepSeconds: 0.1,
  action: [
    { name: "x", kind: "position", unit: "px", low: 0, high: 512 },
    { name: "y", kind: "position", unit: "px", low: 0, high: 512 },
  ],
};

export interface ToyPolicy extends Policy {
  /** How many requests every evaluation had. */
  readonly batches: number[];
}

export interface ToyOptions {
  readonly spec?: PolicySpec;
  /** How long an evaluation takes. */
  readonly takes?: () => Promise<void>;
  /** Added to the first action. */
  readonly noise?: number;
  readonly fails?: (request: PolicyRequest) => string | undefined;
}

/** Action k is k + the newest state + 100 times the oldest state, + noise from the key, + the rows that are committed. */
export function toyPolicy(options: ToyOptions = {}): ToyPolicy {
  const { spec = toySpec, takes = async () => {} } = options;
  const batches: number[] = [];
  const predictMany = async (requests: readonly PolicyRequest[]) => {
    batches.push(requests.length);
    await takes();
    return requests.map((request) => toyChunk(request, { ...options, spec }));
  };
  return {
    spec,
    batches,
    predictMany,
    predict: async (request) => (await predictMany([request]))[0]!,
    session: async () => {
      throw new AdvectError("unsupported", "toy", { expected: "predict", got: "session" });
    },
    [Symbol.dispose]: () => {},
  };
}

function toyChunk(
  request: PolicyRequest,
  { spec, noise = 0, fails }: ToyOptions & { readonly spec: PolicySpec },
): ActionChunk {
  const message = fails?.(request);
  if (message !== undefined) throw new Error(message);
  const { data, shape } = request.observation["observation.state"]!;
  const size = sizeOf(shape.slice(1));
  const drawn = noise === 0 ? 0 : noise * uniform(request.key, [1]).data[0]!;
  const dims = spec.action.length;
  const actions = Float32Array.from({ length: spec.horizon * dims }, (_, i) => {
    const at = (i % dims) % size;
    const newest = data[data.length - size + at]!;
    return (
      Math.floor(i / dims) + newest + 100 * data[at]! + drawn + (request.committed?.actions.shape[0] ?? 0)
    );
  });
  return { actions: ndarray(actions, [spec.horizon, dims]), nfe: 5 };
}
