import { type NdArray, ndarray, safetensorsBytes } from "../../engine/array/index.ts";
import { exportOnnx, random, type Signature, spec } from "../../engine/runtime/index.ts";
import {
  add,
  concat,
  constant,
  type Draw,
  div,
  mul,
  namedLeaves,
  reshape,
  slice,
  sub,
  type Tensor,
} from "../../engine/tensor/index.ts";
import type { Params } from "../../nn/index.ts";
import { frameSize, type PolicyDesign } from "./design.ts";
import { methodOf } from "./method/index.ts";
import type { PolicyModel } from "./neural-policy.ts";
import { conditionScaling, type Scalings, scalingsToArrays } from "./scaling.ts";

export interface PolicyExport {
  /** Observations that one run of the file takes; 1 unless given. */
  readonly batch?: number;
  /** Use only operations of ONNX itself, for other runtimes than ONNX Runtime. Default false. */
  readonly standard?: boolean;
}

/**
 * The bytes of an ONNX file that acts by itself: inputs are the features of the observation, by their names and in their
 * units, float32 [batch, obsHorizon, ...shape], and "noise", standard normal [batch, ...], for policies that begin with
 * noise; the output is "actions" [batch, horizon, dimensions] in the units of the spec. ddpm takes the noise of each
 * level as "draw:noise 0", "draw:noise 1", … Throws "option", "shape".
 */
export function exportPolicy(
  { design, scalings, params }: PolicyModel,
  { batch = 1, standard = false }: PolicyExport = {},
): Uint8Array {
  const method = methodOf(design);
  const names = Object.keys(design.spec.observation);
  const needsNoise = method.noise !== undefined && design.start !== "rest";
  const zeros = method.noise
    ? constant(ndarray(new Float32Array(batch * sizeOf(method.noise)), [batch, ...method.noise]))
    : undefined;
  const drawsLater = design.method.kind === "diffusion" && (design.method.sampler ?? "ddpm") === "ddpm";
  const act = (given: Params, ...args: readonly (Tensor | Draw)[]) => {
    const features = args.slice(0, names.length) as Tensor[];
    const noise = needsNoise ? (args[names.length] as Tensor) : zeros;
    const condition = conditionOf(design, scalings, features);
    const x = method.graph(given, { condition, draw: args.at(-1) as Draw, ...(noise && { noise }) });
    return actionsOf(x, { design, scalings, features });
  };
  const observed = names.map((name) =>
    spec([batch, design.spec.obsHorizon, ...design.spec.observation[name]!]),
  );
  const signature = [
    ...observed,
    ...(needsNoise ? [spec([batch, ...method.noise!])] : []),
    ...(drawsLater ? [random] : []),
  ];
  return exportOnnx({
    fn: act as never,
    params: params as never,
    signature: signature as unknown as Signature<[]>,
    inputNames: [...names, ...(needsNoise ? ["noise"] : [])],
    outputNames: ["actions"],
    standard,
  });
}

/** The parameters with their names, the scalings and the design, for safetensors readers. */
export function policyParameters({ design, scalings, params }: PolicyModel): Uint8Array {
  const stats = Object.entries(scalingsToArrays(scalings)).map(
    ([name, array]) => [`stats.${name}`, array] as const,
  );
  return safetensorsBytes({
    tensors: Object.fromEntries([...namedLeaves<NdArray>(params), ...stats]),
    metadata: { policy: JSON.stringify(design) },
  });
}

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

const numbers = (values: Float64Array) => constant(ndarray(Float32Array.from(values), [values.length]));

/** As `encodeObservation`: frame after frame, all features of each, normalised. */
function conditionOf({ spec: own }: PolicyDesign, scalings: Scalings, features: readonly Tensor[]): Tensor {
  const batch = features[0]!.shape[0]!;
  const frames = features.map((feature) =>
    reshape(feature, [batch, own.obsHorizon, feature.size / batch / own.obsHorizon]),
  );
  const { shift, scale } = conditionScaling({ spec: own }, scalings);
  const flat = reshape(concat(frames, -1), [batch, own.obsHorizon * frameSize(own)]);
  return div(sub(flat, numbers(shift)), numbers(scale));
}

interface Observed {
  readonly design: PolicyDesign;
  readonly scalings: Scalings;
  readonly features: readonly Tensor[];
}

/** As `decodeChunk`. */
function actionsOf(x: Tensor, { design, scalings, features }: Observed): Tensor {
  const { shift, scale } = scalings.action!;
  const moved = add(mul(x, numbers(scale)), numbers(shift));
  if (!design.relativeTo) return moved;
  const { feature, elements } = design.relativeTo;
  const names = Object.keys(design.spec.observation);
  const given = features[names.indexOf(feature)]!;
  const batch = given.shape[0]!;
  const frames = reshape(given, [batch, design.spec.obsHorizon, given.size / batch / design.spec.obsHorizon]);
  const last = slice(frames, { axis: 1, start: design.spec.obsHorizon - 1, stop: design.spec.obsHorizon });
  const origin = concat(
    elements.map((element) => slice(last, { axis: 2, start: element, stop: element + 1 })),
    2,
  );
  return add(moved, origin);
}
