// Compiles the package and the benches, then runs bench/main.ts against dist, the code that users run:
//   npm run bench -- engine --quick
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compileWith, root } from "../scripts/compile.mjs";

compileWith("bench");
await import(pathToFileURL(join(root, ".tmp", "bench", "main.js")).href);
