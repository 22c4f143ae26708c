// Compiles the AssemblyScript kernels into the base64 modules beside them.
//   node scripts/build-wasm.mjs            writes every artefact
//   node scripts/build-wasm.mjs --check    exits with 1 when an artefact is not what its source compiles to
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const simd = ["-O3", "--converge", "--noAssert", "--runtime", "stub", "--enable", "simd"];

/** Paths are relative to the repository; add a line for a new kernel. */
const kernels = [
  {
    source: "src/engine/random/kernel.as.ts",
    artefact: "src/engine/random/kernel.wasm.ts",
    flags: [...simd, "--initialMemory", "1", "--maximumMemory", "1"],
  },
  {
    source: "src/train/kernel.as.ts",
    artefact: "src/train/kernel.wasm.ts",
    flags: [...simd, "--importMemory", "--noExportMemory"],
  },
  {
    source: "src/transport/assignment/kernel.as.ts",
    artefact: "src/transport/assignment/kernel.wasm.ts",
    flags: [...simd, "--importMemory", "--noExportMemory"],
  },
  {
    source: "src/transport/distance/kernel.as.ts",
    artefact: "src/transport/distance/kernel.wasm.ts",
    flags: [...simd, "--importMemory", "--noExportMemory"],
  },
];

async function compile({ source, flags }) {
  let binary;
  const { error, stderr } = await asc.main([source, ...flags, "--outFile", "kernel.wasm"], {
    readFile: (name, base) => readText(join(base, name)),
    writeFile: (_, contents) => {
      binary = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`${source}: ${stderr.toString()}`);
  return binary;
}

function readText(path) {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return null; // asc probes several names for one import
  }
}

function moduleText(source, binary) {
  const base64 = Buffer.from(binary).toString("base64");
  return `// Compiled from ${source.split("/").at(-1)} by scripts/build-wasm.mjs; do not edit. ${binary.length} bytes.\nexport const wasm =\n  "${base64}";\n`;
}

const check = process.argv.includes("--check");
for (const { source, artefact, flags } of kernels) {
  const text = moduleText(source, await compile({ source, flags }));
  if (!check) writeFileSync(join(root, artefact), text);
  else if (readText(artefact) !== text) {
    console.error(`${artefact} is not what ${source} compiles to: run node scripts/build-wasm.mjs`);
    process.exitCode = 1;
  }
}
