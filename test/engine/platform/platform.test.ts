import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { environment, readFile, writeFileAtomic } from "../../../src/engine/platform/index.ts";
import { countCores } from "../../../src/engine/platform/node/environment.ts";
import * as node from "../../../src/engine/platform/node/index.ts";
import * as web from "../../../src/engine/platform/web/index.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "advect-platform-"));
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await rm(folder, { recursive: true, force: true });
});

test("the twins export the same names", () => {
  expect(Object.keys(web).sort()).toEqual(Object.keys(node).sort());
});

test("in Node.js the node twin is chosen, and it has at least one core", () => {
  const { name, physicalCores } = environment();
  expect(name).toBe("node");
  expect(physicalCores).toBeGreaterThanOrEqual(1);
  expect(physicalCores).toBeLessThanOrEqual(availableParallelism());
});

test("hardware threads of one core count once", () => {
  const thread = (socket: number, core: number) =>
    `processor\t: 0\nphysical id\t: ${socket}\ncore id\t\t: ${core}\n`;
  expect(countCores([thread(0, 0), thread(0, 1), thread(0, 0), thread(1, 0)].join("\n"))).toBe(3);
  expect(countCores("processor\t: 0\nBogoMIPS\t: 50.00\n")).toBe(0);
});

test("what is written is read back, and replaces what was there", async () => {
  const path = join(folder, "weights.bin");
  for (const length of [0, 1, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
    await writeFileAtomic(path, bytes);
    expect(await readFile(path)).toEqual(bytes);
  }
  expect(await readdir(folder)).toEqual(["weights.bin"]);
});

test("a reader never sees half a file while others write it", async () => {
  const path = join(folder, "shared.bin");
  const versions = [1, 2, 3].map((value) => new Uint8Array(300_000).fill(value));
  await writeFileAtomic(path, versions[0]!);
  const writers = Promise.all(versions.map((bytes) => writeFileAtomic(path, bytes)));
  for (let i = 0; i < 20; i++) {
    const seen = await readFile(path);
    expect(seen.length).toBe(300_000);
    expect(seen.every((byte) => byte === seen[0])).toBe(true);
  }
  await writers;
});

test("a failed write names the path, keeps its cause and leaves nothing behind", async () => {
  const path = join(folder, "a-folder");
  await writeFile(join(folder, "kept"), "x");
  await mkdir(join(path, "inside"), { recursive: true });
  await expect(writeFileAtomic(path, new Uint8Array(3))).rejects.toMatchObject({
    name: "AdvectError",
    kind: "io",
    message: expect.stringContaining(path),
    cause: expect.any(Error),
  });
  expect((await readdir(folder)).sort()).toEqual(["a-folder", "kept"]);
  const missing = join(folder, "none", "file");
  await expect(writeFileAtomic(missing, new Uint8Array(3))).rejects.toMatchObject({ kind: "io" });
  expect(existsSync(join(folder, "none"))).toBe(false);
});

test("a file that is not there is an io error that names it", async () => {
  const path = join(folder, "missing.npy");
  await expect(readFile(path)).rejects.toMatchObject({ kind: "io", message: expect.stringContaining(path) });
});

test("the web twin fetches", async () => {
  const fetched = vi.fn(
    async (path: string) => new Response(path === "ok" ? "abc" : null, { status: path === "ok" ? 200 : 404 }),
  );
  vi.stubGlobal("fetch", fetched);
  expect(await web.readFile("ok")).toEqual(new Uint8Array([97, 98, 99]));
  await expect(web.readFile("gone")).rejects.toMatchObject({
    kind: "io",
    message: expect.stringContaining("404"),
  });
});

test("the web twin cannot write, and says what to do", async () => {
  await expect(web.writeFileAtomic("x", new Uint8Array(1))).rejects.toMatchObject({
    kind: "unsupported",
    message: expect.stringContaining("download"),
  });
});

test("the web twin guesses at least one core", () => {
  for (const [threads, cores] of [
    [1, 1],
    [8, 4],
    [undefined, 1],
  ]) {
    vi.stubGlobal("navigator", { hardwareConcurrency: threads });
    expect(web.environment()).toEqual({ name: "web", physicalCores: cores });
  }
});
