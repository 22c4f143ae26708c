import fc from "fast-check";
import { expect, test } from "vitest";
import { type NdArray, ndarray, sizeOf, zeros } from "../../src/engine/array/index.ts";
import { namedLeaves } from "../../src/engine/tensor/tree.ts";
import { allocatePlanes, type Entry, layout } from "../../src/train/index.ts";

type Tree = { [name: string]: Tree | NdArray<"float32"> };

const shape = fc.oneof(
  fc.array(fc.nat(5), { maxLength: 3 }),
  fc.tuple(fc.constantFrom(1, 3, 63, 64, 65), fc.constantFrom(31, 32, 33)),
  fc.constantFrom([2047], [2048], [2049]),
);
const leaf = shape.map((lengths) => ndarray(filled(sizeOf(lengths)), lengths));
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.dictionary(
    fc.constantFrom("weight", "bias", "scale", "a", "b", "c"),
    fc.oneof({ depthSize: "small" }, leaf, tie("tree")),
    { maxKeys: 5 },
  ),
}));

/** 1, 2, 3 …: no zeros, so that a number that did not arrive is seen. */
function filled(size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => i + 1);
}

test("no two tensors overlap, large ones are aligned and small ones dense", () => {
  fc.assert(
    fc.property(tree, (params) => {
      const { entries, size, smallLength } = layout(params);
      let free = 0;
      for (const { offset, length, small } of entries) {
        expect(offset).toBe(small ? free : Math.ceil(free / 16) * 16);
        expect(small).toBe(length < 2048);
        expect(small ? offset + length <= smallLength : offset >= smallLength).toBe(true);
        free = offset + length;
      }
      expect(size % 16).toBe(0);
      expect(size - free).toBeGreaterThanOrEqual(0);
      expect(size - free).toBeLessThan(16);
      expect(entries.map(({ path }) => path).sort()).toEqual([...namedLeaves(params).keys()].sort());
    }),
  );
});

test("stretches hold every tensor once, with its weight decay", () => {
  fc.assert(
    fc.property(tree, (params) => {
      const { entries, stretches } = layout(params);
      expect(stretches.length).toBeLessThanOrEqual(4);
      for (const { offset, length, decay, shape } of entries) {
        const holding = stretches.filter((s) => s.start <= offset && offset + length <= s.end);
        expect(holding.map((s) => s.decay)).toContain(decay);
        if (length > 0) expect(holding).toHaveLength(1);
        expect(decay).toBe(shape.length >= 2);
      }
      expect(stretches.slice(1).every(({ start }, i) => start >= stretches[i]!.end)).toBe(true);
    }),
  );
});

test("what is copied into a plane comes out again, and the other planes stay zero", () => {
  fc.assert(
    fc.property(tree, fc.constantFrom("params", "m", "ema"), (params, plane) => {
      const planes = allocatePlanes(layout(params));
      planes.copyIn(plane, params);
      expect(planes.copyOut(plane)).toEqual(params);
      for (const other of planes.names.filter((name) => name !== plane)) {
        expect(planes.view(other).every((x) => x === 0)).toBe(true);
      }
      const written = planes.view(plane).reduce((total, x) => total + (x === 0 ? 0 : 1), 0);
      expect(written).toBe(planes.layout.entries.reduce((total, { length }) => total + length, 0));
    }),
    { numRuns: 50 },
  );
});

const model = {
  block: { weight: zeros([64, 64]), bias: zeros([64]), table: zeros([64, 33]) },
  embedding: zeros([3000]),
  out: { weight: zeros([3, 5]), bias: zeros([3]) },
};

test("groups lie in the order small, large and within each without, with decay", () => {
  const { entries, smallLength, size, stretches } = layout(model);
  expect(entries.map(({ path, offset }) => [path, offset])).toEqual([
    ["block.bias", 0],
    ["out.bias", 64],
    ["out.weight", 67],
    ["embedding", 96],
    ["block.weight", 3104],
    ["block.table", 7200],
  ]);
  expect({ smallLength, size }).toEqual({ smallLength: 82, size: 9312 });
  expect(stretches).toEqual([
    { start: 0, end: 67, decay: false },
    { start: 67, end: 82, decay: true },
    { start: 96, end: 3096, decay: false },
    { start: 3104, end: 9312, decay: true },
  ]);
});

test("weight decay and packing can be chosen", () => {
  const chosen = layout(model, { decay: ({ path }) => path.startsWith("out"), smallBelow: 0 });
  expect(chosen.smallLength).toBe(0);
  expect(chosen.entries.filter(({ decay }) => decay).map(({ path }) => path)).toEqual([
    "out.weight",
    "out.bias",
  ]);
  expect(chosen.entries.every(({ offset }) => offset % 16 === 0)).toBe(true);
});

test("views of one plane and entry share memory; what copyOut gives does not", () => {
  const planes = allocatePlanes(layout(model));
  const bias = planes.layout.tree.out.bias as Entry;
  planes.view("gradient", bias).set([1, 2, 3]);
  expect([...planes.smallView("gradient").subarray(64, 67)]).toEqual([1, 2, 3]);
  const out = planes.copyOut("gradient");
  expect([...out.out.bias.data]).toEqual([1, 2, 3]);
  planes.view("gradient").fill(9);
  expect([...out.out.bias.data]).toEqual([1, 2, 3]);
  for (const name of planes.names) expect(planes.view(name).byteOffset % 64).toBe(0);
  expect(() => planes.memory.grow(1)).toThrow();
});

test("planes can have other names", () => {
  const planes = allocatePlanes(layout(model), ["params", "sum"]);
  planes.view("sum").fill(1);
  expect(planes.view("params").every((x) => x === 0)).toBe(true);
  expect(() => planes.view("ema" as "sum")).toThrow(expect.objectContaining({ kind: "option" }));
});

test("a tree of other shapes, names or sizes is refused", () => {
  const planes = allocatePlanes(layout({ w: zeros([2, 3]), b: zeros([3]) }));
  const copyIn = (tree: object) => () => planes.copyIn("params", tree as { w: NdArray; b: NdArray });
  const shapeError = expect.objectContaining({ kind: "shape" });
  expect(copyIn({ w: zeros([3, 2]), b: zeros([3]) })).toThrow(shapeError);
  expect(copyIn({ w: zeros([2, 3]) })).toThrow(shapeError);
  expect(copyIn({ w: zeros([2, 3]), b: zeros([3]), c: zeros([1]) })).toThrow(shapeError);
});

test("what cannot be laid out is refused with the reason", () => {
  const optionError = expect.objectContaining({ kind: "option" });
  expect(() => layout({ w: zeros([2], "float64") })).toThrow(optionError);
  expect(() => layout({ "a.b": zeros([1]), a: { b: zeros([1]) } })).toThrow(/two of path a\.b/);
  expect(() => layout(model, { smallBelow: -1 })).toThrow(/smallBelow/);
  const huge = layout({ w: { shape: [20_000, 20_000], dtype: "float32" } });
  expect(() => allocatePlanes(huge)).toThrow(expect.objectContaining({ kind: "unsupported" }));
});
