/** Where a graph runs. `cpu`, `cuda`, `coreml` and `dml` are native; `wasm` and `webgpu` are also there in browsers. */
export type Device = "cpu" | "webgpu" | "cuda" | "coreml" | "dml" | "wasm";

export const allDevices: readonly Device[] = ["cpu", "webgpu", "cuda", "coreml", "dml", "wasm"];
