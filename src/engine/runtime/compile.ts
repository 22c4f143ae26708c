import { type DType, type NdArray, ndarray } from "../array/index.ts";
import { AdvectError } from "../error.ts";
import { emitModel, encodeModel } from "../onnx/index.ts";
import type { Key } from "../random/index.ts";
import {
  flopsOf,
  leaves,
  type Mapped,
  mapTree,
  sameShape,
  type Tensor,
  withLeaves,
} from "../tensor/index.ts";
import type { Device } from "./device.ts";
import { fillDraw } from "./draws.ts";
import { defaultDevice, openSession, suitableThreads } from "./open.ts";
import { emitOptions } from "./options.ts";
import type { Arrays, Session } from "./session.ts";
import { type GivenList, random, type Signature } from "./signature.ts";
import { type Trace, trace } from "./trace.ts";

export interface CompileOptions {
  /** Default: the native CPU, else wasm. */
  readonly device?: Device;
  /** Threads inside one operation; by default one for small graphs, else every physical core. */
  readonly threads?: number;
  /** Prefix of ONNX Runtime's own profile, written on disposal. */
  readonly profile?: string;
}

/** A function compiled for exactly the shapes of its signature. Dispose it: it holds memory outside of JavaScript. */
export interface Compiled<Args extends readonly unknown[], R> extends Disposable {
  /** Runs on arrays; the results are fresh. Throws "shape" for any other shape or dtype. */
  (...args: GivenList<Args>): Promise<Mapped<R, NdArray>>;
  /** The same, with the results written into arrays you own. */
  into(results: Mapped<R, NdArray>, ...args: GivenList<Args>): Promise<void>;
  /** Names and shapes of the random inputs, each filled from `key.fold(name)`. */
  readonly draws: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly device: Device;
  readonly threads: number;
  /** Floating-point operations of one run, in matrix products and convolutions. */
  readonly flops: number;
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
  const device = options.device ?? (await defaultDevice());
  const flops = flopsOf(traced.outputs);
  const threads = options.threads ?? suitableThreads(flops);
  const session = await openSession(encodeModel(modelOf(traced, device)), {
    device,
    threads,
    optimization: "basic",
    ...(options.profile && { profile: options.profile }),
  });
  return callable<Args, R>({ traced, session, signature }, { device, threads, flops });
}

function modelOf<R>({ inputs, draws, outputs }: Trace<R>, device: Device) {
  const all = new Map([...inputs, ...draws.map((draw): [string, Tensor] => [drawName(draw), draw])]);
  const named = new Map(outputs.map((output, i): [string, Tensor] => [`out${i}`, output]));
  return emitModel({ name: "advect", inputs: all, outputs: named, options: emitOptions(device) });
}

const drawName = (draw: Tensor<"input">) => `draw:${draw.attributes.name}`;

interface Parts<R> {
  readonly traced: Trace<R>;
  readonly session: Session;
  readonly signature: readonly unknown[];
}

function callable<Args extends readonly unknown[], R>(
  { traced, session, signature }: Parts<R>,
  facts: { device: Device; threads: number; flops: number },
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
