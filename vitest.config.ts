import { defineConfig } from "vitest/config";

const conditions = ["advect-source"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/**/*.slow.test.ts", "**/node_modules/**"],
    testTimeout: 60_000,
    maxWorkers: 2,
    execArgv: ["--import", new URL("./test/helpers/typescript/register.mjs", import.meta.url).href],
  },
});
