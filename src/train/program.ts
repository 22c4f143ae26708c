import type { NdArray } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import { type Graph, type Signature, specOf, trace } from "../engine/runtime/index.ts";
import {
  filled,
  grad,
  input,
  type Mapped,
  mapTree,
  namedLeaves,
  reshape,
  sameShape,
  slice,
  type Tensor,
} from "../engine/tensor/index.ts";
import { type Entry, type Layout, type LayoutOptions, layout } from "./layout.ts";
import { type Storage, storages, stored, unstored } from "./storage.ts";

/** A loss, and numbers to watch beside it. */
export interface Objective {
  readonly loss: Tensor;
  readonly metrics?: Readonly<Record<string, Tensor>>;
}

export type LossFunction<P, Args extends readonly unknown[]> = (
  params: P,
  ...args: Args
) => Tensor | Objective;

/** A training step as one graph: from the parameters' memory and a batch to the loss and the gradient's memory. */
export interface Program<P> {
  readonly graph: Graph;
  readonly layout: Layout<P>;
  readonly storage: Mapped<P, Storage>;
  /** The batch: leaves of the loss function's arguments after the parameters, in order. */
  readonly inputs: ReadonlyMap<string, Tensor<"input">>;
  readonly draws: readonly Tensor<"input">[];
  readonly metrics: readonly string[];
  /** Paths of the parameters that the graph computes anew instead of training them. */
  readonly computed: readonly string[];
}

export interface ProgramRequest<P, Args extends readonly unknown[]> extends LayoutOptions {
  readonly params: Mapped<P, NdArray>;
  readonly loss: LossFunction<P, Args>;
  readonly signature: Signature<Args>;
  /**
   * Parameters that are not trained but computed, such as the vectors of `spectralNorm`: a part of the tree of
   * parameters, with what follows each of them after a step. Default: none.
   */
  readonly next?: ((params: P) => object) | undefined;
}

/**
 * The path of all small parameters, which cross as one array, and so do their gradients; every large one is an array of
 * its own. No other parameter has this path unless it is the only one.
 */
export const small = "";
/** Prefixed, since a batch has paths too. */
export const parameterName = (path: string): string => `p ${path}`;
export const gradientName = (path: string): string => `d ${path}`;
export const nextName = (path: string): string => `next ${path}`;

export function program<P, Args extends readonly unknown[]>(request: ProgramRequest<P, Args>): Program<P> {
  const storage = chooseStorage(request);
  const placed = layout(storage, layoutOptions(request)) as Layout<P>;
  const flat = input(small, { shape: [placed.smallLength], dtype: "float32" });
  const places = new Map(
    placed.entries.map((entry) => [entry.path, entry.small ? cut(flat, entry) : large(entry)]),
  );
  const params = mapTree(storage, (how: Storage, path) => unstored(places.get(path)!, how)) as unknown as P;

  const { inputs, draws, result } = trace<Args, Required<Objective>>(
    (...args) => objective(request.loss(params, ...args)),
    request.signature,
  );
  const { loss, metrics } = result;
  const bigs = placed.entries.filter((entry) => !entry.small);
  const sources = [
    ...(placed.smallLength > 0 ? [flat] : []),
    ...bigs.map((entry) => places.get(entry.path)!),
  ];
  const paths = [...(placed.smallLength > 0 ? [small] : []), ...bigs.map(({ path }) => path)];
  const gradients = grad(loss, sources);
  const next = computedOf(request, params, namedLeaves<Storage>(storage));
  return {
    graph: {
      inputs: new Map([
        ...zip(paths.map(parameterName), sources),
        ...inputs,
        ...draws.map((draw): [string, Tensor] => [drawName(draw), draw]),
      ]),
      outputs: new Map([
        ["loss", loss],
        ...zip(paths.map(gradientName), gradients),
        ...Object.entries(metrics).map(([name, value]): [string, Tensor] => [metricName(name), value]),
        ...next.map(([path, value]): [string, Tensor] => [nextName(path), value]),
      ]),
    },
    layout: placed,
    storage: storage as Mapped<P, Storage>,
    inputs,
    draws,
    metrics: Object.keys(metrics),
    computed: next.map(([path]) => path),
  };
}

/** What follows the parameters that are computed, as they are stored. Throws "shape" for any that is no parameter. */
function computedOf<P, Args extends readonly unknown[]>(
  { params: values, next }: ProgramRequest<P, Args>,
  params: P,
  storage: ReadonlyMap<string, Storage>,
): [path: string, value: Tensor][] {
  const own = namedLeaves<NdArray>(values);
  return [...namedLeaves<Tensor>(next?.(params))].map(([path, value]) => {
    const parameter = own.get(path);
    if (!parameter || !sameShape(parameter.shape, value.shape)) throw notParameter(path, value, parameter);
    return [path, stored(value, storage.get(path)!)];
  });
}

function notParameter(path: string, { shape }: Tensor, parameter: NdArray | undefined): AdvectError {
  return new AdvectError("shape", "trainer", {
    expected: parameter ? `next ${path} of shape [${parameter.shape}]` : "next values of parameters",
    got: parameter ? shape : `${path || "a tensor"}, which is none`,
    fix: "Give them the names and shapes that they have in params.",
  });
}

/** `decay` sees shapes as the caller knows them, not as they are stored. */
function layoutOptions<P, Args extends readonly unknown[]>(request: ProgramRequest<P, Args>): LayoutOptions {
  const { decay, params } = request;
  if (!decay) return request;
  const own = namedLeaves<NdArray>(params);
  return { ...request, decay: ({ path }) => decay({ path, shape: own.get(path)!.shape }) };
}

export const drawName = (draw: Tensor<"input">): string => `draw:${draw.attributes.name}`;
export const metricName = (name: string): string => `metric:${name}`;

function objective(result: Tensor | Objective): Required<Objective> {
  const { loss, metrics = {} } = "loss" in result ? result : { loss: result };
  for (const [name, value] of Object.entries(metrics)) {
    if (value.size === 1) continue;
    const fix = "Reduce it with sum or mean.";
    throw new AdvectError("shape", "trainer", {
      expected: `metric "${name}" to be one number`,
      got: value.shape,
      fix,
    });
  }
  return { loss, metrics };
}

/** Traces the loss once with the parameters as they are, to see how they are used. */
function chooseStorage<P, Args extends readonly unknown[]>({
  params,
  loss,
  signature,
}: ProgramRequest<P, Args>): unknown {
  const plain = mapTree(specOf(params), (spec: { shape: readonly number[] }, path) => {
    return input(path, { shape: spec.shape, dtype: "float32" });
  });
  const { outputs } = trace<Args, Required<Objective>>(
    (...args) => objective(loss(plain as unknown as P, ...args)),
    signature,
  );
  return storages(plain, outputs);
}

function cut(flat: Tensor, { offset, length, shape }: Entry): Tensor {
  if (length === 0) return filled(shape, 0);
  return reshape(slice(flat, { axis: 0, start: offset, stop: offset + length }), shape);
}

const large = ({ path, shape }: Entry): Tensor => input(path, { shape, dtype: "float32" });

function zip<B>(names: readonly string[], values: readonly B[]): [string, B][] {
  return names.map((name, i) => [name, values[i]!]);
}
