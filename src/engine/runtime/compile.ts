import { type DType, type NdArray, ndarray } from "../array/index.ts";
import { AdvectError } from "../error.ts";
import type { Key } from "../random/index.ts";
import { leaves, type Mapped, mapTree, sameShape, type Tensor, withLeaves } from "../tensor/index.ts";
import { fillDraw } from "./draws.ts";
import { type Graph, openGraph, type RunFacts, type RunOptions } from "./graph.ts";
import type { Arrays, Session } from "./session.ts";
import { type GivenList, random, type Signature } from "./signature.ts";
import { type Trace, trace } from "./trace.ts";

export type CompileOptions = RunOptions;

/** A function compiled for exactly the shapes of its signature. Dispose it: it holds memory outside of JavaScript. */
export interface Compiled<Args extends readonly unknown[], R> extends Disposable, RunFacts {
  /** Runs on arrays; the results are fresh. Throws "shape" for any other shape or dtype. */
  (...args: GivenList<Args>): Promise<Mapped<R, NdArray>>;
  /** The same, with the results written into arrays you own. */
  into(results: Mapped<R, NdArray>, ...args: GivenList<Args>): Promise<void>;
  /** Names and shapes of the random inputs, each filled from `key.fold(name)`. */
  readonly draws: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

/**
 * Traces `fn` once on tensors of the signature's shapes, compiles the graph and returns it as an asynchronous function
 * of arrays. Random inputs: sign an argument with `random`, use it as a Draw inside, and give a Key when calling.
 */
export async function compile<Args extends readonly unknown[], R>(
  fn: (...args: Args) => R,
  signature: Signature<Args>,
  options: CompileOptions = {},
): Promise<Compiled<Args, R>> {
  const traced = trace(fn, signature);
  const { session, facts } = await openGraph(graphOf(traced), options);
  return callable<Args, R>({ traced, session, signature }, facts);
}

function graphOf<R>({ inputs, draws, outputs }: Trace<R>): Graph {
  return {
    inputs: new Map([...inputs, ...draws.map((draw): [string, Tensor] => [drawName(draw), draw])]),
    outputs: new Map(outputs.map((output, i) => [`out${i}`, output])),
  };
}

const drawName = (draw: Tensor<"input">) => `draw:${draw.attributes.name}`;

interface Parts<R> {
  readonly traced: Trace<R>;
  readonly session: Session;
  readonly signature: readonly unknown[];
}

function callable<Args extends readonly unknown[], R>(
  { traced, session, signature }: Parts<R>,
  facts: RunFacts,
): Compiled<Args, R> {
  let open = true;
  const feedsOf = (args: readonly unknown[]): Arrays => {
    if (open) return { ...argumentFeeds(traced, signature, args), ...drawFeeds(traced, signature, args) };
    throw new AdvectError("option", "compiled function", {
      expected: "a function in use",
      got: "one that was disposed",
    });
  };
  const call = async (...args: GivenList<Args>): Promise<Mapped<R, NdArray>> => {
    const results = await session.run(feedsOf(args));
    return withLeaves(
      traced.result,
      traced.outputs.map((_, i) => results[`out${i}`] as NdArray),
    );
  };
  const into = async (results: Mapped<R, NdArray>, ...args: GivenList<Args>): Promise<void> => {
    const targets = leaves<NdArray>(results).map((array, i): [string, NdArray] => [
      `out${i}`,
      checked(array, traced.outputs[i]!, `result ${i}`),
    ]);
    await session.bind(feedsOf(args), Object.fromEntries(targets))();
  };
  const dispose = () => {
    if (open) session[Symbol.dispose]();
    open = false;
  };
  const draws = traced.draws.map(({ attributes: { name }, shape }) => ({ name, shape }));
  return Object.assign(call, { into, draws, ...facts, [Symbol.dispose]: dispose });
}

function argumentFeeds<R>(
  { inputs }: Trace<R>,
  signature: readonly unknown[],
  args: readonly unknown[],
): Arrays {
  if (args.length !== signature.length) {
    throw new AdvectError("option", "compiled function", {
      expected: `${signature.length} arguments`,
      got: args.length,
    });
  }
  const given = new Map<string, NdArray<DType>>();
  args.forEach((arg, i) => {
    if (signature[i] !== random)
      mapTree(arg, (array: NdArray<DType>, path) => given.set(path, array), `${i}`);
  });
  return Object.fromEntries(
    [...inputs].map(([name, tensor]) => [name, checked(given.get(name), tensor, `argument ${name}`)]),
  );
}

function drawFeeds<R>({ draws }: Trace<R>, signature: readonly unknown[], args: readonly unknown[]): Arrays {
  const key = args[signature.indexOf(random)] as Key | undefined;
  const filled = draws.map((draw): [string, NdArray] => {
    const { name, distribution } = draw.attributes;
    const data = new Float32Array(draw.size);
    fillDraw(distribution!, key!.fold(name), data);
    return [drawName(draw), ndarray(data, draw.shape)];
  });
  return Object.fromEntries(filled);
}

/** The array, if it has the tensor's shape and dtype. */
function checked<A extends NdArray<DType>>(array: A | undefined, tensor: Tensor, what: string): A {
  if (array && sameShape(array.shape, tensor.shape) && array.dtype === tensor.dtype) return array;
  throw new AdvectError("shape", "compiled function", {
    expected: `${what} to be ${tensor.dtype} [${tensor.shape}]`,
    got: array ? `${array.dtype} [${array.shape}]` : "nothing",
    fix: "A compiled function takes exactly the shapes of its signature; see batched for any batch size.",
  });
}
