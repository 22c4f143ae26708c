import type { NdArray, Shape } from "../../engine/array/index.ts";
import type { Key } from "../../engine/random/index.ts";
import type { ActionDimension } from "../safety/action-dimension.ts";

/** What a policy sees and what its actions mean. All of it is stored with the policy. */
export interface PolicySpec {
  readonly name: string;
  /** The shape of one frame of every feature, such as { "observation.state": [2] }. */
  readonly observation: Readonly<Record<string, Shape>>;
  /** Frames that an observation holds, the current one last. */
  readonly obsHorizon: number;
  /** Actions in a chunk; the first is for the time of the current frame. */
  readonly horizon: number;
  /** How many of them to execute before the next chunk, unless the loop says otherwise. */
  readonly executeSteps: number;
  /** The control period that the demonstrations had. */
  readonly stepSeconds: number;
  readonly action: readonly ActionDimension[];
}

/** Every feature of the spec, [obsHorizon, ...shape]; `history` collects it frame by frame. */
export type Observation = Readonly<Record<string, NdArray>>;

/** Actions already promised to the robot; a new chunk must continue them. */
export interface Committed {
  /** [count, dimensions], in the units of the spec; row 0 is for the time of the current frame. */
  readonly actions: NdArray;
  /** The rows that will have been executed before the new chunk arrives. */
  readonly delaySteps: number;
}

export interface PolicyRequest<O = Observation> {
  readonly observation: O;
  /** Decides the noise: the same request gives the same chunk. */
  readonly key: Key;
  /** Policies that cannot continue what was promised ignore it. */
  readonly committed?: Committed;
  readonly signal?: AbortSignal;
}

export interface ActionChunk {
  /** [horizon, dimensions], in the units of the spec; row 0 is for the time of the current frame. */
  readonly actions: NdArray<"float32">;
  /** Evaluations of the network. */
  readonly nfe: number;
}

export interface SessionRequest<O = Observation> {
  readonly observation: O;
  /** One draw of noise, and one chunk, for each. */
  readonly keys: readonly Key[];
  /** Rising within [0, 1]; the times of the policy's own solver unless given. Beginning later than 0 needs `x`. */
  readonly times?: readonly number[];
  /** Where to begin, [draws, horizon, dimensions], normalised; noise unless given. */
  readonly x?: NdArray;
}

/** A chunk on its way from noise (t = 0) to action (t = 1), for several draws at once. */
export interface PolicySession {
  readonly times: readonly number[];
  /** Steps taken so far; x is at times[stepCount]. */
  readonly stepCount: number;
  readonly done: boolean;
  /** [draws, horizon, dimensions], normalised; a copy. */
  readonly x: NdArray<"float32">;
  /** Goes on from there instead. Throws "shape". */
  replace(x: NdArray): void;
  /** One step, and the chunk that x is heading for, x + (1 - t) v: normalised, as x. Throws "option" when done. */
  step(): Promise<{ readonly endpoint: NdArray<"float32"> }>;
  /** x as actions, in the units of the spec, a chunk for every draw. */
  actions(): readonly NdArray<"float32">[];
}

/**
 * From an observation to a chunk of actions; pure, given the key. `predict` is a `session` run to its end, bit for bit,
 * where the policy has one.
 */
export interface Policy<O = Observation> extends Disposable {
  readonly spec: PolicySpec;
  /** Throws "shape" and "option" for observations that are not as the spec says, "numerical" for ones not finite. */
  predict(request: PolicyRequest<O>): Promise<ActionChunk>;
  /** Several requests in one evaluation of the network, as far as the policy can. */
  predictMany(requests: readonly PolicyRequest<O>[]): Promise<readonly ActionChunk[]>;
  /** Throws "unsupported" for policies that do not integrate a field. */
  session(request: SessionRequest<O>): Promise<PolicySession>;
}
