import { native } from "./native.ts";
import { web } from "./ort-web.ts";
import type { RuntimeLoader } from "./session.ts";

/** In Node.js the native runtime comes first; the browser's runtime serves the wasm device. */
export const loaders: readonly RuntimeLoader[] = [native, web(["wasm"])];
