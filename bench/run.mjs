// Compiles the package and the benches, then runs bench/main.ts against dist, the code that users run:
//   npm run bench -- engine --quick
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");

for (const project of ["tsconfig.build.json", "bench/tsconfig.json"]) {
  const { status } = spawnSync(process.execPath, [tsc, "-p", project], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
await import(pathToFileURL(join(root, ".tmp", "bench", "main.js")).href);
