export * from "./drawing/index.ts";
export type { Environment, EnvironmentSpec, Start, StepResult } from "./environment.ts";
export * from "./navigation/index.ts";
export * from "./pusht/index.ts";
export { type RandomState, randomState } from "./random-state.ts";
