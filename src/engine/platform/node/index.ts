export type { Environment } from "../contract.ts";
export { compileWasm } from "../wasm.ts";
export { environment } from "./environment.ts";
export { readFile, writeFileAtomic } from "./files.ts";
