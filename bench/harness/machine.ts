import { readFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import { inRoot } from "./root.ts";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  /** The widest vectors that the processor offers. */
  readonly vectors: string;
  readonly system: string;
  readonly node: string;
  readonly onnxruntime: string;
}

export function machine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    vectors: vectors(),
    system: `${type()} ${release()}`,
    node: process.version,
    onnxruntime: packageVersion("onnxruntime-node"),
  };
}

export function hasAvx512(): boolean {
  return vectors() === "AVX-512";
}

function vectors(): string {
  const flags = readOr("/proc/cpuinfo", "");
  if (/\bavx512f\b/.test(flags)) return "AVX-512";
  return /\bavx2\b/.test(flags) ? "AVX2" : process.arch;
}

function packageVersion(name: string): string {
  const text = readOr(inRoot("node_modules", name, "package.json"), "{}");
  return (JSON.parse(text) as { version?: string }).version ?? "not installed";
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return otherwise;
  }
}
