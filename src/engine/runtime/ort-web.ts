import type { InferenceSession } from "onnxruntime-web";
import { AdvectError } from "../error.ts";
import type { Device } from "./device.ts";
import { checkedType, fromOrt, type TensorClass, toOrtRecord } from "./ort.ts";
import type { Arrays, Runtime, RuntimeLoader, Session, SessionOptions, ValueType } from "./session.ts";

type Ort = typeof import("onnxruntime-web");

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
  const use = shared(() => void session.release());
  const run = async (feeds: Arrays): Promise<Arrays> => {
    const results = await use.during(session.run(toOrtRecord(Tensor, feeds)));
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
    [Symbol.dispose]: use.end,
  };
}

/** Calls `release` when `end` was called and nothing is going on any more: a run reads the session's memory to its end. */
function shared(release: () => void): { during<T>(work: Promise<T>): Promise<T>; end(): void } {
  let running = 0;
  let ended = false;
  return {
    during: (work) => {
      running++;
      return work.finally(() => {
        running--;
        if (ended && running === 0) release();
      });
    },
    end: () => {
      ended = true;
      if (running === 0) release();
    },
  };
}

function valueType(value: InferenceSession.ValueMetadata): ValueType {
  if (value.isTensor) return { name: value.name, dtype: checkedType(value.type), shape: value.shape };
  throw new AdvectError("unsupported", "onnxruntime-web", {
    expected: "tensors as inputs and outputs",
    got: value.name,
  });
}
