import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile as readText, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  appendLine,
  environment,
  interruption,
  listFolder,
  readFile,
  removePath,
  writeFileAtomic,
  writeFolderAtomic,
} from "../../../src/engine/platform/index.ts";
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

const bytes = (text: string) => new TextEncoder().encode(text);

test("a folder is written with the folders above it, and takes the place of the old one", async () => {
  const path = join(folder, "runs", "one");
  await writeFolderAtomic(path, { a: bytes("first"), b: bytes("b") });
  await writeFolderAtomic(path, { a: bytes("second") });
  expect(await listFolder(path)).toEqual(["a"]);
  expect(await readText(join(path, "a"), "utf8")).toBe("second");
  expect(await listFolder(join(folder, "runs"))).toEqual(["one"]);
});

test("a reader never sees half a folder", async () => {
  const path = join(folder, "run");
  const files = Object.fromEntries([1, 2, 3, 4].map((i) => [`file${i}`, new Uint8Array(200_000).fill(i)]));
  const writing = writeFolderAtomic(path, files);
  let finished = false;
  void writing.then(() => (finished = true));
  const seen = new Set<string>();
  while (!finished) seen.add((await listFolder(path)).join());
  await writing;
  seen.delete("");
  expect([...seen]).toEqual(["file1,file2,file3,file4"].slice(0, seen.size));
  expect((await readFile(join(path, "file4"))).length).toBe(200_000);
});

test("a folder that cannot be written leaves nothing behind and what was there in its place", async () => {
  const path = join(folder, "run");
  await writeFolderAtomic(path, { a: bytes("kept") });
  const failing = writeFolderAtomic(path, { a: bytes("new"), "no/such/folder": bytes("x") });
  await expect(failing).rejects.toMatchObject({ kind: "io", message: expect.stringContaining(path) });
  expect(await readdir(folder)).toEqual(["run"]);
  expect(await readText(join(path, "a"), "utf8")).toBe("kept");
  const file = join(folder, "file");
  await writeFile(file, "x");
  await expect(writeFolderAtomic(file, { a: bytes("a") })).rejects.toMatchObject({ kind: "io" });
  expect(await readText(file, "utf8")).toBe("x");
});

test("lines are appended one by one, in folders that are made for them", async () => {
  const path = join(folder, "logs", "log.jsonl");
  await appendLine(path, "one");
  expect(await readText(path, "utf8")).toBe("one\n");
  await appendLine(path, "two");
  expect(await readText(path, "utf8")).toBe("one\ntwo\n");
  await expect(appendLine(folder, "x")).rejects.toMatchObject({ kind: "io", where: "appendLine" });
});

test.runIf(process.platform === "linux")("a full disk is told as such", async () => {
  await expect(appendLine("/dev/full", "x")).rejects.toThrow(/ENOSPC.* Free some space on the disk\./);
});

test("a folder is listed in order, and one that is not there is empty", async () => {
  for (const name of ["b", "a", "c"]) await writeFile(join(folder, name), "");
  expect(await listFolder(folder)).toEqual(["a", "b", "c"]);
  expect(await listFolder(join(folder, "none"))).toEqual([]);
  await expect(listFolder(join(folder, "a"))).rejects.toMatchObject({ kind: "io" });
});

test("files and folders are removed, also when they are not there", async () => {
  await mkdir(join(folder, "full", "inside"), { recursive: true });
  await writeFile(join(folder, "file"), "");
  for (const name of ["full", "file", "none"]) await removePath(join(folder, name));
  expect(await readdir(folder)).toEqual([]);
});

test("the first Ctrl-C aborts the signal and the second is Node.js's own again", () => {
  const before = process.listenerCount("SIGINT");
  using interrupted = interruption();
  expect([interrupted.signal.aborted, process.listenerCount("SIGINT")]).toEqual([false, before + 1]);
  process.emit("SIGINT", "SIGINT");
  expect([interrupted.signal.aborted, interrupted.signal.reason]).toEqual([true, "SIGINT"]);
  expect([process.listenerCount("SIGINT"), process.listenerCount("SIGTERM")]).toEqual([before, before]);
  const disposed = interruption();
  disposed[Symbol.dispose]();
  expect([disposed.signal.aborted, process.listenerCount("SIGINT")]).toEqual([false, before]);
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

test.each([
  ["writeFileAtomic", () => web.writeFileAtomic("x", new Uint8Array(1))],
  ["writeFolderAtomic", () => web.writeFolderAtomic("x", {})],
  ["appendLine", () => web.appendLine("x", "line")],
  ["listFolder", () => web.listFolder("x")],
  ["removePath", () => web.removePath("x")],
] as const)("the web twin has no %s, and says what to do", async (where, call) => {
  const message = expect.stringContaining("download");
  await expect(call()).rejects.toMatchObject({ kind: "unsupported", where, message });
});

test("the web twin is never interrupted", () => {
  using interrupted = web.interruption();
  expect(interrupted.signal.aborted).toBe(false);
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
