export type { Environment, Files, Interruption, WorkerPort, WorkerThread } from "../contract.ts";
export { compileWasm } from "../wasm.ts";
export { environment } from "./environment.ts";
export { appendLine, readFile, writeFileAtomic } from "./files.ts";
export { listFolder, removePath, writeFolderAtomic } from "./folders.ts";
export { interruption } from "./interruption.ts";
export { runProgram } from "./program.ts";
export { parentPort, Worker } from "./worker.ts";
