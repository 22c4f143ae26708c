export * from "./safety/index.ts";
export * from "./sim/index.ts";
