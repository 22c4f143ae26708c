// Compiles the package and the examples, then runs one of them against dist, the code that users run:
//   npm run example -- train-regression
// Without a name it lists them. What follows the name is passed on.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const root = join(folder, "..");
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const [name, ...rest] = process.argv.slice(2);

if (!name || !existsSync(join(folder, `${name}.ts`))) {
  const names = readdirSync(folder).filter((file) => file.endsWith(".ts"));
  if (name) console.error(`There is no example "${name}".`);
  console.log("npm run example -- <name>, one of:");
  for (const file of names) console.log(`  ${file.replace(/\.ts$/, "")}`);
  process.exit(name ? 1 : 0);
}

for (const project of ["tsconfig.build.json", "examples/tsconfig.json"]) {
  const { status } = spawnSync(process.execPath, [tsc, "-p", project], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
process.argv.splice(2, Number.POSITIVE_INFINITY, ...rest);
await import(pathToFileURL(join(root, ".tmp", "examples", `${name}.js`)).href);
