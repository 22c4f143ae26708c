import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { root } from "./sources.ts";

export const tsc = join(root, "node_modules", "typescript", "bin", "tsc");

/** Emits the declarations of src/ and returns their folder. */
export function emitDeclarations(): string {
  const folder = join(root, ".tmp", "api");
  const files = ["--outDir", folder, "--tsBuildInfoFile", join(folder, ".tsbuildinfo")];
  const options = ["--emitDeclarationOnly", "--sourceMap", "false", ...files];
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json", ...options], { cwd: root });
  return folder;
}

/** What a declaration file exports, by name: the text of its declarations, without comments. */
export function exportsOf(file: string): Map<string, string> {
  const statements = statementsOf(readFileSync(file, "utf8"));
  const own = new Map<string, string>();
  for (const { name, text } of statements.flatMap(declaration)) {
    const before = own.get(name);
    own.set(name, before ? `${before}\n${text}` : text);
  }
  const found = new Map([...own].filter(([, text]) => text.startsWith("export ")));
  for (const statement of statements) {
    for (const [name, text] of passedOn(statement, file)) found.set(name, text);
  }
  return found;
}

/** Top-level statements: they begin at the first column, and what follows them is indented or closes a bracket. */
function statementsOf(code: string): string[] {
  const plain = code.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  return plain
    .split(/\n(?=[a-z])/)
    .map((statement) => statement.replace(/^\s*\n/gm, "").trim())
    .filter((statement) => statement !== "");
}

const declared =
  /^(?:export )?(?:declare )?(?:abstract )?(?:function|const|class|interface|type|let|unique symbol) (\w+)/;

function declaration(text: string): { name: string; text: string }[] {
  const name = declared.exec(text)?.[1];
  return name ? [{ name, text }] : [];
}

/** The exports that a statement takes from another file: `export * from`, `export { a, type B as C } from`. */
function passedOn(statement: string, file: string): [string, string][] {
  const match = /^export (?:type )?(\*|\{[\s\S]*\}) from "([^"]+)"/.exec(statement);
  if (!match) return [];
  const [, what, from] = match as unknown as [string, string, string];
  const target = resolve(dirname(file), alias(from, file));
  const all = exportsOf(target.replace(/\.(ts|js)$/, ".d.ts"));
  if (what === "*") return [...all];
  return what
    .slice(1, -1)
    .split(",")
    .map((item) => item.trim().replace(/^type /, ""))
    .filter((item) => item !== "")
    .map((item): [string, string] => {
      const [name, renamed = name] = item.split(" as ") as [string, string?];
      return [renamed, all.get(name) ?? `export ${name}: not found in ${from}`];
    });
}

function alias(specifier: string, file: string): string {
  return specifier === "#platform" ? join(dirname(file), "node", "index.ts") : specifier;
}
