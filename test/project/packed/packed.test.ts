import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tsc } from "../declarations.ts";
import { manifest, read, root, subpaths } from "../sources.ts";
import { browserPath, resultOf } from "./browser.ts";
import { type Installed, packAndInstall } from "./install.ts";

const bin = (...path: string[]) => join(root, "node_modules", ...path);

describe("the package as it is published", () => {
  let installed: Installed;
  const node = (...args: string[]) =>
    execFileSync(process.execPath, args, { cwd: installed.folder, encoding: "utf8" });

  beforeAll(() => {
    installed = packAndInstall();
    const example = /```ts\n([\s\S]*?)```/.exec(read("README.md"))![1]!;
    writeFileSync(join(installed.folder, "readme.ts"), example);
    node(tsc, "-p", ".");
  }, 120_000);
  afterAll(() => rmSync(installed.folder, { recursive: true, force: true }));

  test("holds code, sources, recipes with their data, licence and README, and nothing else", () => {
    const tops = new Set(installed.files.map((file) => file.split("/")[0]));
    const folders = ["datasets", "dist", "recipes", "src"];
    expect([...tops].sort()).toEqual(
      ["CHANGELOG.md", "LICENSE", "README.md", ...folders, "package.json"].sort(),
    );
    const outdated = installed.files.filter((file) => /^dist\/.*\.js$/.test(file) && !sourceOf(file));
    expect(outdated, "remove dist/ and build again").toEqual([]);
  });

  test("runs the README's example in Node.js", () => {
    expect(node("out/readme.js")).toBe("200 steps\n");
  });

  test("pairs in a worker in Node.js, and ends", () => {
    expect(JSON.parse(node("--input-type=module", "-e", inNode))).toMatchObject({
      pairedAlike: true,
      warnings: [],
    });
    expect(node("--input-type=module", "-e", undisposed)).toBe("64\n");
  });

  test("trains a recipe that comes with it from the command line", () => {
    const advect = (...args: string[]) =>
      node(join("node_modules", "advect", "dist", "cli", "main.js"), ...args);
    const set = ["--set", "training.steps=5", "--set", "training.batch=16", "--set", "sampling.count=10"];
    const trained = JSON.parse(
      advect("train", "optdigits", "--threads", "1", ...set, ...smallNetwork, "--json"),
    );
    expect(trained).toMatchObject({ folder: "runs/optdigits", step: 5, report: { kind: "images" } });
    expect(
      execFileSync(join(installed.folder, "node_modules", ".bin", "advect"), ["--version"], {
        encoding: "utf8",
      }),
    ).toBe(`${manifest().version}\n`);
  });

  test("satisfies publint", () => {
    expect(node(bin("publint", "src", "cli.js"), installed.tarball)).toContain("All good!");
  });

  test("has types that every resolver of ES modules finds", () => {
    const attw = bin("@arethetypeswrong", "cli", "dist", "index.js");
    const report = node(attw, installed.tarball, "--profile", "esm-only", "--format", "ascii", "--no-emoji"); // fails for problems
    expect(report.match(/node16 \(from ESM\): OK/g)).toHaveLength(subpaths().length + 1); // and package.json
  });

  test("bundles for browsers without a Node.js built-in, and computes in Chromium", async ({ skip }) => {
    const output = await bundled(installed.folder);
    const scripts = readdirSync(output, { recursive: true, encoding: "utf8" }).filter((name) =>
      /\.m?js$/.test(name),
    );
    const code = scripts.map((name) => readFileSync(join(output, name), "utf8")).join("\n");
    expect(code).not.toMatch(/(from|import\()\s*["']node:|__vite-browser-external/);
    if (!browserPath) {
      console.warn("SKIPPED: no Chromium at $ADVECT_CHROMIUM or /usr/bin/chromium");
      skip("no Chromium");
    }
    expect(await resultOf(output)).toEqual({
      devices: expect.arrayContaining(["wasm"]),
      device: "wasm",
      loss: expect.closeTo(JSON.parse(node("--input-type=module", "-e", inNode)).loss, 5),
      doubled: [2, 4, 6],
      pairedAlike: true,
      warnings: [],
    });
  }, 120_000);

  const sourceOf = (file: string) =>
    installed.files.includes(file.replace(/^dist/, "src").replace(/\.js$/, ".ts"));
});

const inNode = `await import("./out/app.js"); console.log(JSON.stringify(await globalThis.result));`;

/** A worker that nobody disposes must not keep the process. */
const smallNetwork = ["--set", "model={kind: mlp, hidden: 16}"];

const undisposed = `
import { key, normal } from "advect/engine";
import { workerCoupling } from "advect/flow";
const [x0, x1] = ["x0", "x1"].map((name) => normal(key(name), [64, 2]));
const warn = (message) => { throw new Error(message); };
const { target } = await workerCoupling({ kind: "exactOT" }, { fromRows: 1, warn }).pair({ x0, x1, key: key("pairs") });
console.log(target.length);
`;

async function bundled(folder: string): Promise<string> {
  writeFileSync(join(folder, "index.html"), '<!doctype html><script type="module" src="/app.ts"></script>');
  const outDir = join(folder, "site");
  await build({
    configFile: false,
    root: folder,
    logLevel: "error",
    build: { outDir, assetsInlineLimit: 0 },
  });
  return outDir;
}
