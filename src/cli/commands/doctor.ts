import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { type Answer, answering } from "../answer.ts";
import type { Context } from "../context.ts";
import { table } from "../table.ts";

const more = `
Every device is tried: a small product of matrices runs on it and is compared with what it should be. Ends with 1 unless
there is a device that works.`;

/** advect doctor: what is installed here, and what works. */
export function doctorCommand(context: Context): Command {
  const command = new Command("doctor")
    .description("say what is installed and which devices work")
    .addHelpText("after", more);
  return answering(command, context, () => examine(context));
}

async function examine({ environment, clock, version }: Context): Promise<Answer> {
  const devices = await triedDevices(clock);
  const { environment: platform } = await import("../../engine/platform/index.ts");
  const machine = {
    advect: version,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model ?? "unknown",
    cores: platform().physicalCores,
    threads: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
  const packages = Object.fromEntries(optionalPackages.map((name) => [name, installedVersion(name)]));
  const tools = {
    ffmpeg: firstLine("ffmpeg", ["-version"]),
    chromium: chromiumIn(environment),
  };
  const works = devices.some(({ works: fine }) => fine);
  return {
    json: { ...machine, packages, devices, tools, works },
    text: shown({ machine, packages, devices, tools }),
    exitCode: works ? 0 : 1,
  };
}

interface TriedDevice {
  readonly name: string;
  readonly works: boolean;
  readonly milliseconds: number | null;
  readonly problem: string | null;
}

/** Every device that a runtime offers, with a graph run on it. */
async function triedDevices(clock: Context["clock"]): Promise<TriedDevice[]> {
  const { devices } = await import("../../engine/runtime/index.ts");
  const names = await devices();
  const tried: TriedDevice[] = [];
  for (const name of names) tried.push(await tryDevice(name, clock));
  return tried;
}

type Name = Awaited<ReturnType<typeof import("../../engine/runtime/index.ts").devices>>[number];

async function tryDevice(name: Name, clock: Context["clock"]): Promise<TriedDevice> {
  const { evaluate } = await import("../../engine/runtime/index.ts");
  const { ndarray } = await import("../../engine/array/index.ts");
  const { matmul } = await import("../../engine/tensor/index.ts");
  const a = ndarray(Float32Array.of(1, 2, 3, 4), [2, 2]);
  const began = clock.nowMs();
  try {
    const { data } = await evaluate(matmul, [a, a] as never, { device: name });
    const works = [7, 10, 15, 22].every((value, i) => Math.abs(Number(data[i]) - value) < 1e-3);
    const milliseconds = Math.round(clock.nowMs() - began);
    return { name, works, milliseconds, problem: works ? null : `computed [${[...data]}]` };
  } catch (error) {
    return { name, works: false, milliseconds: null, problem: problemOf(error) };
  }
}

/** What the runtime said, in a line. */
function problemOf(error: unknown): string {
  const { message, cause } = error as Error;
  const said = (cause instanceof Error ? cause.message : message).split("\n")[0]!;
  const text = said.replace(/^\S*\/\S+:\d+ .*?(?=Failed|Error|was )/, "");
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

const optionalPackages = ["onnxruntime-node", "onnxruntime-web", "@resvg/resvg-js"];

/** The version of a package that advect would find. */
function installedVersion(name: string): string | null {
  const { resolve } = createRequire(import.meta.url);
  try {
    let folder = dirname(resolve(name));
    while (!existsSync(join(folder, "package.json")) || !named(folder, name)) {
      if (folder === dirname(folder)) return null;
      folder = dirname(folder);
    }
    return versionIn(folder);
  } catch {
    return null;
  }
}

const manifestIn = (folder: string) =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name?: string; version?: string };
const named = (folder: string, name: string) => manifestIn(folder).name === name;
const versionIn = (folder: string) => manifestIn(folder).version ?? null;

function firstLine(program: string, args: readonly string[]): string | null {
  try {
    const printed = execFileSync(program, [...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 5000,
    });
    return printed.split("\n")[0]!.trim();
  } catch {
    return null;
  }
}

function chromiumIn({ ADVECT_CHROMIUM: given }: Context["environment"]): string | null {
  const places = [...(given ? [given] : []), "/usr/bin/chromium", "/usr/bin/chromium-browser"];
  const found = places.find((place) => existsSync(place));
  return found ? (firstLine(found, ["--version"]) ?? found) : null;
}

interface Facts {
  readonly machine: Readonly<Record<string, string | number>>;
  readonly packages: Readonly<Record<string, string | null>>;
  readonly devices: readonly TriedDevice[];
  readonly tools: Readonly<Record<string, string | null>>;
}

const uses: Readonly<Record<string, string>> = {
  "onnxruntime-node": "runs models in Node.js: npm install onnxruntime-node@1.30.0",
  "onnxruntime-web": "runs models in browsers: npm install onnxruntime-web@1.30.0",
  "@resvg/resvg-js": "draws figures as PNG: npm install @resvg/resvg-js",
  ffmpeg: "reads and writes videos",
  chromium: "runs the tests of browsers; $ADVECT_CHROMIUM says where it is",
};

function shown({ machine, packages, devices, tools }: Facts): string {
  const optional = (found: Facts["tools"]) =>
    Object.entries(found).map(([name, value]) => [name, value ?? `not found; ${uses[name]}`]);
  const tried = devices.map(({ name, works, milliseconds, problem }) => [
    name,
    works ? `works (${milliseconds} ms with loading)` : `does not work: ${problem}`,
  ]);
  const none = [["none", uses["onnxruntime-node"]!]];
  return [
    table(Object.entries(machine).map(([name, value]) => [name, `${value}`])),
    `\npackages\n${table(optional(packages), "  ")}`,
    `\ndevices\n${table(tried.length > 0 ? tried : none, "  ")}`,
    `\ntools\n${table(optional(tools), "  ")}`,
  ].join("\n");
}
