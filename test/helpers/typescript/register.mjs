// Preloaded by vitest.config.ts: worker threads that tests start run the TypeScript of src as it is.
import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

if (!isMainThread) register("./hooks.mjs", import.meta.url);
