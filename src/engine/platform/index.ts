export {
  appendLine,
  compileWasm,
  type Environment,
  environment,
  type Files,
  type Interruption,
  interruption,
  listFolder,
  parentPort,
  readFile,
  removePath,
  Worker,
  type WorkerPort,
  type WorkerThread,
  writeFileAtomic,
  writeFolderAtomic,
} from "#platform";
export { answerCalls, type WorkerCalls, workerCalls } from "./worker-calls.ts";
