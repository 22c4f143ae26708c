import type { EmitOptions } from "../onnx/index.ts";
import type { Device } from "./device.ts";

/** What each device can take. WebGPU shaders bind at most about eight buffers, and lack com.microsoft's fused products. */
export function emitOptions(device: Device): EmitOptions {
  return device === "webgpu"
    ? { contrib: false, maxJoin: 6, ownSines: true }
    : { contrib: true, maxJoin: Number.POSITIVE_INFINITY, ownSines: false };
}
