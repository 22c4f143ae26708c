import type { InferenceSession } from "onnxruntime-common";
import { AdvectError } from "../error.ts";
import type { Device } from "./device.ts";
import { checkedType, fromOrt, type TensorClass, toOrtRecord } from "./ort.ts";
import type { Arrays, Runtime, RuntimeLoader, Session, SessionOptions, ValueType } from "./session.ts";

type Ort = typeof import("onnxruntime-common");

/** onnxruntime-web for the given devices; its WebGPU build is loaded only when that device is asked for. */
export function web(devices: readonly Device[]): RuntimeLoader {
  return async () => {
    if (!(await packageOf("wasm"))) return undefined;
    return {
      devices,
      open: async (model, options) => open(await loaded(options), model, options),
    } satisfies Runtime;
  };
}

async function loaded({ device, threads }: SessionOptions): Promise<Ort> {
  const ort = (await packageOf(device))!;
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = "error";
  return ort;
}

async function packageOf(device: Device): Promise<Ort | undefined> {
  try {
    return device === "webgpu"
      ? await import("onnxruntime-web/webgpu")
      : await import("onnxruntime-web/wasm");
  } catch {
    return undefined;
  }
}

async function open(ort: Ort, model: Uint8Array, { device, optimization }: SessionOptions): Promise<Session> {
  const session = await ort.InferenceSession.create(model, {
    executionProviders: [device as "wasm" | "webgpu"],
    graphOptimizationLevel: device === "webgpu" ? "basic" : optimization,
    logSeverityLevel: 3,
  });
  const Tensor = ort.Tensor as TensorClass;
  const run = async (feeds: Arrays): Promise<Arrays> => {
    const results = await session.run(toOrtRecord(Tensor, feeds));
    return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, fromOrt(tensor)]));
  };
  return {
    inputs: session.inputMetadata.map(valueType),
    outputs: session.outputMetadata.map(valueType),
    run,
    bind: (feeds, results) => async () => {
      for (const [name, { data }] of Object.entries(await run(feeds))) {
        (results[name]?.data as Float32Array | undefined)?.set(data as Float32Array);
      }
    },
    [Symbol.dispose]: () => void session.release(),
  };
}

function valueType(value: InferenceSession.ValueMetadata): ValueType {
  if (value.isTensor) return { name: value.name, dtype: checkedType(value.type), shape: value.shape };
  throw new AdvectError("unsupported", "onnxruntime-web", {
    expected: "tensors as inputs and outputs",
    got: value.name,
  });
}
