import { defineConfig, mergeConfig } from "vitest/config";
import usual from "./vitest.config.ts";

/** Studies of minutes, one at a time: npm run test:slow. */
export default mergeConfig(
  { ...usual, test: { ...usual.test, include: [] } },
  defineConfig({
    test: {
      include: ["test/**/*.slow.ts"],
      testTimeout: 900_000,
      hookTimeout: 900_000,
      maxWorkers: 1,
      fileParallelism: false,
      disableConsoleIntercept: true,
    },
  }),
);
