import { describe, expect, test } from "vitest";
import { violation } from "./ranks.ts";
import { filesUnder, type Import, importsOf, read, withoutComments } from "./sources.ts";

const files = filesUnder("src").filter((file) => !file.endsWith(".as.ts"));
const imports = files.flatMap(importsOf);
const internal = imports.filter(({ to }) => to.startsWith("src/"));

describe("the sources", () => {
  test("import only lower ranks, and inside a folder only what is listed above", () => {
    expect(internal.map(({ from, to }) => violation(from, to)).filter((found) => found)).toEqual([]);
  });

  test("have no import cycles, types included", () => {
    expect(cycles(internal)).toEqual([]);
  });

  test("import only files that exist", () => {
    const known = new Set(files);
    expect(internal.filter(({ to }) => !known.has(to)).map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test("call onnxruntime only in engine/runtime", () => {
    const callers = imports.filter(({ to }) => /^onnxruntime-/.test(to)).map(({ from }) => from);
    expect(callers.length).toBeGreaterThan(0);
    expect(callers.filter((file) => !file.startsWith("src/engine/runtime/"))).toEqual([]);
  });

  test("touch Node.js only in engine/platform/node, so that the rest runs in browsers", () => {
    const callers = imports.filter(({ to }) => to.startsWith("node:")).map(({ from }) => from);
    expect(callers.filter((file) => !/^src\/(engine\/platform\/node|host|cli)\//.test(file))).toEqual([]);
  });

  test("take time and chance as arguments", () => {
    const allowed = /^src\/engine\/(random\/|clock\.ts)/;
    const hidden = /Math\.random|Date\.now|performance\.now|new Date\(\)/;
    const found = files.filter((file) => !allowed.test(file) && hidden.test(withoutComments(read(file))));
    expect(found).toEqual([]);
  });

  test("keep to 400 lines a file, tables and generated code excepted", () => {
    const long = files.filter((file) => !file.endsWith(".wasm.ts") && read(file).split("\n").length > 400);
    expect(long).toEqual([]);
  });
});

describe("the rule", () => {
  test.each([
    ["src/engine/array/npy.ts", "src/engine/tensor/tensor.ts", "array comes before tensor"],
    ["src/nn/loss.ts", "src/train/sgd.ts", "only lower ranks"],
    ["src/nn/loss.ts", "src/data/images.ts", "only lower ranks"],
    ["src/engine/sparse/csr.ts", "src/engine/array/index.ts", "no place in the order"],
    ["src/misc/a.ts", "src/engine/index.ts", "no rank"],
  ])("%s may not import %s", (from, to, reason) => {
    expect(violation(from, to)).toContain(reason);
  });

  test("names a cycle by its files", () => {
    const ring = [
      { from: "a", to: "b" },
      { from: "b", to: "c" },
      { from: "c", to: "b" },
    ];
    expect(cycles(ring)).toEqual(["b -> c -> b"]);
  });
});

/** Every import that closes a ring on the way of a depth-first walk, written as that ring. */
function cycles(edges: readonly Import[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(" -> "));
    else if (!done.has(file)) for (const to of next.get(file) ?? []) walk(to, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) walk(file, []);
  return found;
}
