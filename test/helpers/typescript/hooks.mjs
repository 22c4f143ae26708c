// Module hooks for Node.js 20: "./worker.js" beside a worker.ts is that, and TypeScript loses its types.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { transformSync } from "rolldown/experimental";

const using = new URL("./using.mjs", import.meta.url).href;

export async function resolve(specifier, context, next) {
  if (specifier === "@oxc-project/runtime/helpers/usingCtx") return next(using, context);
  return next(compiledFrom(specifier) ?? specifier, context);
}

/** The source of a compiled file that is not there. */
function compiledFrom(specifier) {
  if (!specifier.startsWith("file:") || !specifier.endsWith(".js")) return undefined;
  const source = specifier.replace(/\.js$/, ".ts");
  return existsSync(fileURLToPath(specifier)) || !existsSync(fileURLToPath(source)) ? undefined : source;
}

export async function load(url, context, next) {
  if (!url.endsWith(".ts")) return next(url, context);
  const path = fileURLToPath(url);
  const { code } = transformSync(path, readFileSync(path, "utf8"), { lang: "ts", target: "es2023" });
  return { format: "module", source: code, shortCircuit: true };
}
