import { type NdArray, ndarray, sizeOf } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { PolicyDesign } from "./design.ts";
import { conditionSize, frameSize } from "./design.ts";
import { missing } from "./history.ts";
import type { Observation, PolicySpec } from "./policy.ts";
import { type Scalings, scaleInto } from "./scaling.ts";

/**
 * What the network is told, [conditionSize]: frame after frame, the oldest first, in each all features in the order of
 * the spec, normalised. Throws "option" for features that are missing, "shape", "numerical".
 */
export function encodeObservation(
  { spec, scalings }: { readonly spec: PolicySpec; readonly scalings: Scalings },
  observation: Observation,
): NdArray<"float32"> {
  const whole = new Float32Array(conditionSize(spec));
  const stride = frameSize(spec);
  let offset = 0;
  for (const [name, shape] of Object.entries(spec.observation)) {
    const { data } = checked(observation, { name, shape: [spec.obsHorizon, ...shape] });
    const size = sizeOf(shape);
    for (let frame = 0; frame < spec.obsHorizon; frame++) {
      scaleInto(scalings[name]!, { from: data, at: frame * size, to: whole, place: frame * stride + offset });
    }
    offset += size;
  }
  return ndarray(whole, [whole.length]);
}

function checked(
  observation: Observation,
  { name, shape }: { readonly name: string; readonly shape: readonly number[] },
): NdArray {
  const array = Object.hasOwn(observation, name) ? observation[name] : undefined;
  if (!array?.data) throw missing("policy", name, Object.keys(observation));
  if (`${array.shape}` !== `${shape}`) {
    throw new AdvectError("shape", `policy: ${name}`, {
      expected: `[${shape}], the newest frame last`,
      got: `[${array.shape}]`,
      fix: "history(policy.spec) stacks frames.",
    });
  }
  const wrong = array.data.findIndex((value: number) => !Number.isFinite(value));
  if (wrong === -1) return array;
  throw new AdvectError("numerical", `policy: ${name}`, {
    expected: "finite numbers",
    got: `${array.data[wrong]} at element ${wrong}`,
    fix: "Hold the robot until its sensors are back.",
  });
}

/** What the actions of a chunk are counted from, [dimensions]: zeros, or elements of the newest frame. */
export function originOf({ spec, relativeTo }: PolicyDesign, observation: Observation): Float64Array {
  const origin = new Float64Array(spec.action.length);
  if (!relativeTo) return origin;
  const { feature, elements } = relativeTo;
  const last = (spec.obsHorizon - 1) * sizeOf(spec.observation[feature]!);
  return origin.map((_, i) => observation[feature]!.data[last + elements[i]!]!);
}

/** The chunk x [horizon, dimensions] in the units of the spec: origin + shift + scale x. */
export function decodeChunk(
  x: ArrayLike<number>,
  { origin, scalings, spec }: { origin: Float64Array; scalings: Scalings; spec: PolicySpec },
): NdArray<"float32"> {
  const { shift, scale } = scalings.action!;
  const size = origin.length;
  const actions = Float32Array.from({ length: spec.horizon * size }, (_, i) => {
    const dimension = i % size;
    return origin[dimension]! + shift[dimension]! + scale[dimension]! * x[i]!;
  });
  return ndarray(actions, [spec.horizon, size]);
}
