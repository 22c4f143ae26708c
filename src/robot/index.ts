export * from "./control/index.ts";
export * from "./evaluate/index.ts";
export * from "./policy/index.ts";
export * from "./safety/index.ts";
export * from "./serve/index.ts";
export * from "./sim/index.ts";
