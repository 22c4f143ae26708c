export { compileWasm, type Environment, environment, readFile, writeFileAtomic } from "#platform";
