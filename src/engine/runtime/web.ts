import { web } from "./ort-web.ts";
import type { RuntimeLoader } from "./session.ts";

export const loaders: readonly RuntimeLoader[] = [
  async () => web((await hasGpu()) ? ["wasm", "webgpu"] : ["wasm"])(),
];

/** Whether there is an adapter; browsers have `navigator.gpu` also on machines where it offers none. */
async function hasGpu(): Promise<boolean> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<object | null> } };
  return (await gpu?.requestAdapter().catch(() => null)) != null;
}
