import { chunkOffsets, columnOf, type Episodes, type WindowBatch, windows } from "../../data/index.ts";
import { type NdArray, ndarray, sizeOf } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { checkDesign, conditionSize, frameSize, type PolicyDesign } from "./design.ts";
import {
  checkScalings,
  type Scaling,
  type ScalingRule,
  type Scalings,
  sameScaling,
  scaleInto,
  scalingOf,
} from "./scaling.ts";

/** Demonstrations as a policy learns them: a row for every frame, normalised. */
export interface ChunkRows {
  /** [rows, conditionSize] */
  readonly condition: NdArray<"float32">;
  /** [rows, horizon, dimensions] */
  readonly x1: NdArray<"float32">;
  /** [rows, horizon]: 1 where the episode has the action, 0 where it had ended and its last action stands. */
  readonly valid: NdArray<"float32">;
}

/** A rule, or the numbers themselves. */
export type ScalingChoice = ScalingRule | { readonly shift: number; readonly scale: number };

export interface ScalingChoices {
  /** By feature; "rescaled" for those that are not named. */
  readonly observation?: Readonly<Record<string, ScalingChoice>>;
  /** "rescaled" unless given. */
  readonly action?: ScalingChoice;
}

/** The scalings of a design for these demonstrations. Throws "option", "shape" for features that are not as the spec says. */
export function scalingsFor(
  set: Episodes,
  design: PolicyDesign,
  { observation = {}, action = "rescaled" }: ScalingChoices = {},
): Scalings {
  const { spec } = design;
  const features = Object.keys(spec.observation).map((name) => {
    const { shape, data } = columnOf(set, name);
    checkShape(set, name, { shape: shape.slice(1), expected: spec.observation[name]! });
    const size = sizeOf(spec.observation[name]!);
    return [
      name,
      chosen(observation[name] ?? "rescaled", { rows: data as ArrayLike<number>, size }),
    ] as const;
  });
  const rows = () => countedActions(design, windowsOf(set, design));
  return { ...Object.fromEntries(features), action: chosen(action, { rows, size: spec.action.length }) };
}

type Lazy = ArrayLike<number> | (() => ArrayLike<number>);

function chosen(choice: ScalingChoice, { rows, size }: { rows: Lazy; size: number }): Scaling {
  if (typeof choice === "object") return sameScaling(size, choice);
  return scalingOf(Array.isArray(rows) || typeof rows !== "function" ? rows : rows(), { size, rule: choice });
}

function checkShape(
  set: Episodes,
  name: string,
  { shape, expected }: { shape: readonly number[]; expected: readonly number[] },
): void {
  if (`${shape}` === `${expected}`) return;
  throw new AdvectError("shape", set.name, {
    expected: `${name} of shape [${expected}], as the spec says`,
    got: `[${shape}]`,
  });
}

/** The feature that holds actions. */
export const actionFeature = "action";

function windowsOf(set: Episodes, design: PolicyDesign): WindowBatch {
  return windows(set, { offsets: offsetsOf(design) }).all();
}

/** Frames around the current one that a row of the design needs. */
function offsetsOf({ spec }: PolicyDesign): Record<string, readonly number[]> {
  const offsets = chunkOffsets(spec);
  const observed = Object.keys(spec.observation).map((name) => [name, offsets.observation] as const);
  return { ...Object.fromEntries(observed), [actionFeature]: offsets.action };
}

/** Actions [rows, horizon, dimensions] in their units, counted from their origin. */
function countedActions({ spec, relativeTo }: PolicyDesign, { values }: WindowBatch): Float32Array {
  const actions = values[actionFeature]!.data;
  if (!relativeTo) return actions;
  const dimensions = spec.action.length;
  const { elements, feature } = relativeTo;
  const size = sizeOf(spec.observation[feature]!);
  const { data } = values[feature]!;
  const each = spec.horizon * dimensions;
  return actions.map((value, i) => {
    const newest = (Math.floor(i / each) + 1) * spec.obsHorizon * size - size;
    return value - data[newest + elements[i % dimensions]!]!;
  });
}

export interface ChunkRowsOptions {
  readonly design: PolicyDesign;
  readonly scalings: Scalings;
  /** The last frames of each episode that are no rows, default 0: most of their chunk is its last action, which holds. */
  readonly dropLastSteps?: number;
}

/** Every frame of the demonstrations as a row. Throws "option", "shape" for data and scalings that do not fit the design. */
export function chunkRows(
  set: Episodes,
  { design, scalings, dropLastSteps = 0 }: ChunkRowsOptions,
): ChunkRows {
  checkDesign(design);
  checkScalings(scalings, design);
  const { spec } = design;
  checkShape(set, actionFeature, {
    shape: columnOf(set, actionFeature).shape.slice(1),
    expected: [spec.action.length],
  });
  for (const [name, expected] of Object.entries(spec.observation)) {
    checkShape(set, name, { shape: columnOf(set, name).shape.slice(1), expected });
  }
  const batch = windows(set, { offsets: offsetsOf(design), dropLastSteps }).all();
  return rowsOf(batch, { design, scalings });
}

/** The windows of `offsetsOf` as rows. */
function rowsOf(
  batch: WindowBatch,
  { design, scalings }: { readonly design: PolicyDesign; readonly scalings: Scalings },
): ChunkRows {
  const { spec } = design;
  const { shape, data: padded } = batch.isPad[actionFeature]!;
  const count = shape[0]!;
  const counted = countedActions(design, batch);
  const x1 = new Float32Array(counted.length);
  const dimensions = spec.action.length;
  for (let at = 0; at < x1.length; at += dimensions) {
    scaleInto(scalings.action!, { from: counted, at, to: x1, place: at });
  }
  return {
    condition: conditionRows(batch, { design, scalings }),
    x1: ndarray(x1, [count, spec.horizon, dimensions]),
    valid: ndarray(
      Float32Array.from(padded, (pad) => (pad ? 0 : 1)),
      [count, spec.horizon],
    ),
  };
}

function conditionRows(
  { values }: WindowBatch,
  { design: { spec }, scalings }: { readonly design: PolicyDesign; readonly scalings: Scalings },
): NdArray<"float32"> {
  const width = conditionSize(spec);
  const stride = frameSize(spec);
  const count = Object.values(values)[0]!.shape[0]!;
  const data = new Float32Array(count * width);
  let offset = 0;
  for (const [name, shape] of Object.entries(spec.observation)) {
    const size = sizeOf(shape);
    const from = values[name]!.data;
    for (let i = 0; i < count * spec.obsHorizon; i++) {
      scaleInto(scalings[name]!, { from, at: i * size, to: data, place: i * stride + offset });
    }
    offset += size;
  }
  return ndarray(data, [count, width]);
}

/** A diffusion without a clip gets the largest number of its chunks. */
export function withClip(design: PolicyDesign, { x1 }: Pick<ChunkRows, "x1">): PolicyDesign {
  const { method } = design;
  if (method.kind !== "diffusion" || method.clip !== undefined) return design;
  const clip = x1.data.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return { ...design, method: { ...method, clip: clip || 1 } };
}
