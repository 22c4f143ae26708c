import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { AdvectError } from "../error.ts";
import { allDevices, type Device } from "./device.ts";
import { checkedType, fromOrt, type TensorClass, toOrtRecord } from "./ort.ts";
import type { Arrays, Runtime, Session, SessionOptions, ValueType } from "./session.ts";

type OrtRecord = Record<string, OrtTensor>;

/** The part of onnxruntime-node's native object that we call: synchronous, and unlike the public API free of promises. */
interface NativeSession {
  loadModel(buffer: ArrayBufferLike, byteOffset: number, byteLength: number, options: object): void;
  run(feeds: OrtRecord, fetches: Record<string, OrtTensor | null>, options: object): OrtRecord;
  dispose(): void;
  endProfiling(): void;
  readonly inputMetadata: readonly NativeType[];
  readonly outputMetadata: readonly NativeType[];
}

interface NativeType {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type: number;
  readonly shape: readonly number[];
  readonly symbolicDimensions: readonly string[];
}

interface Binding {
  readonly initOrt: () => void;
  readonly binding: {
    readonly InferenceSession: new () => NativeSession;
    readonly listSupportedBackends: () => readonly { readonly name: string }[];
  };
}

/** onnxruntime-node, by its native binding: session.run of the public API costs a turn of the event loop. */
export async function native(): Promise<Runtime | undefined> {
  const packages = await load();
  if (!packages) return undefined;
  const { Tensor, binding } = packages;
  binding.initOrt();
  const offered = binding.binding.listSupportedBackends().map(({ name }) => name);
  return {
    devices: allDevices.filter((device) => offered.includes(device)),
    open: async (model, options) => open(new binding.binding.InferenceSession(), { Tensor, model, options }),
  };
}

async function load(): Promise<{ Tensor: TensorClass; binding: Binding } | undefined> {
  try {
    const { Tensor } = await import("onnxruntime-node");
    const binding = (await import("onnxruntime-node/dist/binding.js")) as { default: Binding };
    return { Tensor, binding: binding.default };
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw new AdvectError("unsupported", "onnxruntime-node", {
      expected: "the native runtime to load",
      got: cause,
      fix: "Install onnxruntime-node 1.30 for this platform (npm install onnxruntime-node@1.30.0).",
      cause,
    });
  }
}

function isMissing(cause: unknown): boolean {
  const { code } = cause as { code?: string };
  return code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
}

interface Loading {
  readonly Tensor: TensorClass;
  readonly model: Uint8Array;
  readonly options: SessionOptions;
}

function open(session: NativeSession, { Tensor, model, options }: Loading): Session {
  session.loadModel(model.buffer, model.byteOffset, model.byteLength, nativeOptions(options));
  const outputs = session.outputMetadata.map(valueType);
  const fetchAll = Object.fromEntries(outputs.map(({ name }) => [name, null]));
  const run = (feeds: Arrays): Arrays => {
    const results = session.run(toOrtRecord(Tensor, feeds), fetchAll, {});
    return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, fromOrt(tensor)]));
  };
  return {
    inputs: session.inputMetadata.map(valueType),
    outputs,
    run: async (feeds) => run(feeds),
    bind: (feeds, results) => {
      const bound = toOrtRecord(Tensor, feeds);
      const targets = toOrtRecord(Tensor, results);
      return () => void session.run(bound, targets, {});
    },
    [Symbol.dispose]: () => {
      if (options.profile) session.endProfiling();
      session.dispose();
    },
  };
}

function nativeOptions({
  device,
  threads,
  optimization,
  profile,
}: SessionOptions): InferenceSession.SessionOptions {
  return {
    executionProviders: device === "cpu" ? ["cpu"] : [device as Exclude<Device, "wasm">, "cpu"],
    graphOptimizationLevel: optimization,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    // Small pieces of work share the cores better with other processes: the median under foreign load halves.
    extra: { session: { dynamic_block_base: "4" } },
    ...(profile && { enableProfiling: true, profileFilePrefix: profile }),
  };
}

/** ONNX's element types by code. */
const elementTypes: Readonly<Record<number, string>> = {
  1: "float32",
  2: "uint8",
  6: "int32",
  7: "int64",
  9: "bool",
  10: "float16",
  11: "float64",
};

function valueType({ name, type, shape, symbolicDimensions }: NativeType): ValueType {
  return {
    name,
    dtype: checkedType(elementTypes[type] ?? `ONNX type ${type}`),
    shape: shape.map((length, axis) => (length >= 0 ? length : symbolicDimensions[axis] || "?")),
  };
}
