import { loaders } from "#onnxruntime";
import { AdvectError } from "../error.ts";
import { environment } from "../platform/index.ts";
import { allDevices, type Device } from "./device.ts";
import type { Runtime, Session, SessionOptions } from "./session.ts";

let runtimes: Promise<readonly Runtime[]> | undefined;

function loadedRuntimes(): Promise<readonly Runtime[]> {
  runtimes ??= Promise.all(loaders.map((load) => load())).then((found) =>
    found.filter((runtime) => runtime !== undefined),
  );
  return runtimes;
}

/** The devices that can be used here, best known first. */
export async function devices(): Promise<Device[]> {
  const offered = (await loadedRuntimes()).flatMap((runtime) => runtime.devices);
  return allDevices.filter((device) => offered.includes(device));
}

/** The device used when none is named: the native CPU where it is installed, else wasm. */
export async function defaultDevice(): Promise<Device> {
  return (await devices()).includes("cpu") ? "cpu" : "wasm";
}

/** Loads a model. Throws "unsupported" with the devices there are when the one asked for is not there. */
export async function openSession(model: Uint8Array, options: SessionOptions): Promise<Session> {
  const runtime = (await loadedRuntimes()).find((candidate) => candidate.devices.includes(options.device));
  if (runtime) return runtime.open(model, options);
  const offered = await devices();
  throw new AdvectError("unsupported", "compile", {
    expected:
      offered.length > 0
        ? `one of the devices ${offered.join(", ")}`
        : "onnxruntime-node or onnxruntime-web to be installed",
    got: options.device,
    fix: "Run `npm install onnxruntime-node@1.30.0` (Node.js) or `npm install onnxruntime-web@1.30.0` (browsers), or name another device.",
  });
}

/** Below this many operations a second thread costs more than it saves. */
const flopsWorthThreads = 1e8;

/** One thread for small graphs, otherwise every physical core. */
export function suitableThreads(flops: number): number {
  return flops < flopsWorthThreads ? 1 : environment().physicalCores;
}
