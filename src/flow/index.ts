export * from "./coupling/index.ts";
export * from "./diffusion/index.ts";
export * from "./field/index.ts";
export * from "./matching/index.ts";
export * from "./path/index.ts";
export * from "./solver/index.ts";
