import { web } from "./ort-web.ts";
import type { RuntimeLoader } from "./session.ts";

export const loaders: readonly RuntimeLoader[] = [web("gpu" in navigator ? ["wasm", "webgpu"] : ["wasm"])];
