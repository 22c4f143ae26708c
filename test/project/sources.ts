import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

export const root = resolve(import.meta.dirname, "../..");

/** All files under `folder` (relative to the repository) whose names end so, as paths with "/". */
export function filesUnder(folder: string, ending = ".ts"): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name.split(sep).join("/")}`)
    .sort();
}

export const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** Comments replaced by nothing; a "//" inside a string ends the line early, which hides no import. */
export function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}

export interface Import {
  readonly from: string;
  /** A path like src/nn/index.ts, or the name of a package. */
  readonly to: string;
}

const statement = /^[ \t]*(?:import|export)\b[^;"'`]*?\bfrom\s*"([^"]+)"|^[ \t]*import\s*"([^"]+)"/gm;
const dynamic = /\bimport\(\s*"([^"]+)"\s*\)/g;

/** Every module that the file names, types included. An alias such as #platform stands for all its twins. */
export function importsOf(from: string): Import[] {
  const code = withoutComments(read(from));
  const found = [...code.matchAll(statement), ...code.matchAll(dynamic)].map(
    (match) => match[1] ?? match[2]!,
  );
  return found.flatMap(targets).map((to) => ({ from, to }));

  function targets(specifier: string): string[] {
    if (specifier.startsWith("#")) return aliases[specifier] ?? [specifier];
    if (!specifier.startsWith(".")) return [specifier];
    return [
      relative(root, resolve(root, dirname(from), specifier))
        .split(sep)
        .join("/"),
    ];
  }
}

/** The sources behind each alias in the package's `imports`. */
const aliases: Readonly<Record<string, string[]>> = Object.fromEntries(
  Object.entries(manifest().imports).map(([alias, conditions]) => [
    alias,
    Object.values(conditions["advect-source"]).map((path) => path.replace("./", "")),
  ]),
);

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly "advect-source": string }>>;
  readonly imports: Readonly<Record<string, { readonly "advect-source": Readonly<Record<string, string>> }>>;
}

export function manifest(): Manifest {
  return JSON.parse(read("package.json")) as Manifest;
}

/** The package's subpaths with code, "engine", and the source each stands for. */
export function subpaths(): { readonly name: string; readonly source: string }[] {
  return Object.entries(manifest().exports).flatMap(([path, target]) =>
    typeof target === "string"
      ? []
      : [{ name: path.replace("./", ""), source: target["advect-source"].replace("./", "") }],
  );
}
