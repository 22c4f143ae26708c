import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../sources.ts";

const peers = ["onnxruntime-node", "onnxruntime-web"];

export interface Installed {
  /** An empty project with the packed package installed, and the peers of this checkout beside it. */
  readonly folder: string;
  readonly tarball: string;
  /** What is in the tarball. */
  readonly files: readonly string[];
}

export function packAndInstall(): Installed {
  const folder = mkdtempSync(join(tmpdir(), "advect-packed-"));
  const packed = npm(["pack", "--json", "--pack-destination", folder], root);
  const { filename, files } = firstEntry(packed);
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "user", type: "module", private: true }),
  );
  npm(["install", "--prefer-offline", "--no-audit", "--no-fund", `./${filename}`], folder);
  for (const peer of peers) symlinkSync(join(root, "node_modules", peer), join(folder, "node_modules", peer));
  for (const name of ["app.ts", "tsconfig.json"]) cpSync(join(import.meta.dirname, name), join(folder, name));
  mkdirSync(join(folder, "out"));
  return { folder, tarball: join(folder, filename), files: files.map(({ path }) => path) };
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** npm prints a list, later versions an object by name; the output of `prepare` may come before it. */
function firstEntry(printed: string): Packed {
  const parsed = JSON.parse(printed.slice(printed.search(/^[[{]/m))) as Packed[] | Record<string, Packed>;
  return Object.values(parsed)[0]!;
}

/** This process's npm settings would tell the inner npm where to work. */
function npm(args: readonly string[], cwd: string): string {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  return execFileSync("npm", args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
