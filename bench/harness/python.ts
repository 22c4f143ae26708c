import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { inRoot } from "./root.ts";

export interface Interpreter {
  readonly path: string;
  readonly torch: string;
  /** What this interpreter needs in its environment; Debian's torch finds OpenBLAS here. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Where `bench:setup` unpacks OpenBLAS when the system has the reference BLAS only. */
const openblas = inRoot(".venv-openblas", "usr", "lib", "x86_64-linux-gnu", "openblas-pthread");

/** Where Python is looked for. */
const places = (): (string | undefined)[] => [
  process.env.ADVECT_PYTHON,
  inRoot(".venv", "bin", "python"),
  "python3",
  "/usr/bin/python3",
];

/** The first interpreter that has SciPy, and its version. */
export function scipyInterpreter(): { readonly path: string; readonly version: string } | undefined {
  for (const path of places()) {
    const version = path === undefined ? undefined : printed(path, "import scipy; print(scipy.__version__)");
    if (path && version) return { path, version };
  }
  return undefined;
}

/** The interpreters with PyTorch: $ADVECT_PYTHON, .venv, python3, Debian's; one for each version, the first that has it. */
export function interpreters(): Interpreter[] {
  const candidates = places();
  const found = new Map<string, Interpreter>();
  for (const path of candidates) {
    const torch = path === undefined ? undefined : torchVersion(path);
    if (path && torch && !found.has(torch))
      found.set(torch, { path, torch, environment: environment(torch) });
  }
  return [...found.values()];
}

const torchVersion = (python: string) => printed(python, "import torch; print(torch.__version__)");

/** What the code prints; undefined when it fails. */
function printed(python: string, code: string): string | undefined {
  const { status, stdout } = spawnSync(python, ["-c", code], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

function environment(torch: string): Record<string, string> {
  return torch.startsWith("1.") && existsSync(openblas) ? { LD_LIBRARY_PATH: openblas } : {};
}
