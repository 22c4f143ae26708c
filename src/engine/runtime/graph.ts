import { AdvectError } from "../error.ts";
import { emitModel, encodeModel } from "../onnx/index.ts";
import { flopsOf, type Tensor } from "../tensor/index.ts";
import type { Device } from "./device.ts";
import { defaultDevice, openSession, suitableThreads } from "./open.ts";
import { emitOptions } from "./options.ts";
import type { Session } from "./session.ts";

export interface RunOptions {
  /** Default: the native CPU, else wasm. */
  readonly device?: Device;
  /** Threads inside one operation; by default one for small graphs, else every physical core. */
  readonly threads?: number;
  /** Prefix of ONNX Runtime's own profile, written on disposal. */
  readonly profile?: string;
}

/** Where and how a graph runs. */
export interface RunFacts {
  readonly device: Device;
  readonly threads: number;
  /** Floating-point operations of one run, in matrix products and convolutions. */
  readonly flops: number;
}

export interface Graph {
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly outputs: ReadonlyMap<string, Tensor>;
}

/** Loads the graph on a device: for owners of memory, who bind arrays to it themselves. Others compile functions. */
export async function openGraph(
  graph: Graph,
  options: RunOptions = {},
): Promise<{ session: Session; facts: RunFacts }> {
  const device = options.device ?? (await defaultDevice());
  const flops = flopsOf([...graph.outputs.values()]);
  const threads = options.threads ?? suitableThreads(flops);
  const model = encodeModel(emitModel({ name: "advect", ...graph, options: emitOptions(device) }));
  const profile = options.profile ? { profile: options.profile } : {};
  const session = await openSession(model, { device, threads, optimization: "basic", ...profile }).catch(
    (cause) => refuse(device, cause),
  );
  return { session, facts: { device, threads, flops } };
}

function refuse(device: Device, cause: unknown): never {
  if (cause instanceof AdvectError) throw cause;
  throw new AdvectError("unsupported", "compile", {
    expected: `operations that ONNX Runtime has for "${device}"`,
    got: cause,
    fix: 'Some are missing for float64 and for whole numbers: convert with cast(x, "float32"), or use interpret.',
    cause,
  });
}
