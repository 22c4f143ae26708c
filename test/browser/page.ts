import { compile, type Device, devices, spec } from "../../src/engine/runtime/index.ts";
import type { Tensor } from "../../src/engine/tensor/index.ts";
import { losses } from "./losses.ts";

const held: Disposable[] = [];

/** Keeps a session open: with the last one ONNX Runtime would drop its shaders, of which some take a second to compile. */
async function hold(device: Device): Promise<void> {
  held.push(await compile((x: Tensor) => x.mul(2), [spec([1])], { device }));
}

/** What the tests call in the page. */
Object.assign(globalThis, { advectTest: { devices, hold, losses, isolated: () => crossOriginIsolated } });
