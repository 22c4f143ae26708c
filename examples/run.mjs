// Compiles the package and the examples, then runs one of them against dist, the code that users run:
//   npm run example -- train-regression
// Without a name it lists them. What follows the name is passed on.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compileWith, root } from "../scripts/compile.mjs";

const folder = join(root, "examples");
const [name, ...rest] = process.argv.slice(2);

if (!name || !existsSync(join(folder, `${name}.ts`))) {
  const names = readdirSync(folder).filter((file) => file.endsWith(".ts"));
  if (name) console.error(`There is no example "${name}".`);
  console.log("npm run example -- <name>, one of:");
  for (const file of names) console.log(`  ${file.replace(/\.ts$/, "")}`);
  process.exit(name ? 1 : 0);
}

compileWith("examples");
process.argv.splice(2, Number.POSITIVE_INFINITY, ...rest);
await import(pathToFileURL(join(root, ".tmp", "examples", `${name}.js`)).href);
