export {
  appendLine,
  compileWasm,
  type Environment,
  environment,
  type Files,
  type Interruption,
  interruption,
  listFolder,
  readFile,
  removePath,
  writeFileAtomic,
  writeFolderAtomic,
} from "#platform";
