import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { array, type NdArray } from "../../../src/engine/array/index.ts";
import {
  declarations,
  grad,
  input,
  interpret,
  leaves,
  type Mapped,
  mapTree,
  mul,
  namedLeaves,
  type Shaped,
  sum,
  type Tensor,
  withLeaves,
} from "../../../src/engine/tensor/index.ts";
import { forAll } from "./reference.ts";

interface Leaf extends Shaped {
  readonly id: number;
}
const leaf = (id: number): Leaf => ({ shape: [], dtype: "float32", id });
const tree = { block: [{ weight: leaf(1), bias: leaf(2) }, leaf(3)], head: leaf(4), empty: {} };

describe("trees", () => {
  test("name their leaves by the way to them, in order", () => {
    expect([...namedLeaves<Leaf>(tree)].map(([path, { id }]) => [path, id])).toEqual([
      ["block.0.weight", 1],
      ["block.0.bias", 2],
      ["block.1", 3],
      ["head", 4],
    ]);
    expect([...namedLeaves(leaf(1)).keys()]).toEqual([""]);
  });

  test("keep their arrangement, and whatever is no leaf, under mapTree", () => {
    const odd = {
      a: leaf(1),
      size: 3,
      name: "x",
      on: true,
      none: null,
      missing: undefined,
      list: [[], [leaf(2)]],
    };
    expect(mapTree(odd, ({ id }: Leaf) => id * 10)).toEqual({
      a: 10,
      size: 3,
      name: "x",
      on: true,
      none: null,
      missing: undefined,
      list: [[], [20]],
    });
    expect(mapTree(tree, (_: Leaf, path) => path, "model").head).toBe("model.head");
  });

  test("come back from their leaves, for any tree", () => {
    const { trees } = fc.letrec<{ trees: unknown }>((tie) => ({
      trees: fc.oneof(
        { maxDepth: 4 },
        fc.nat().map(leaf),
        fc.array(tie("trees"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("a", "b", "c"), tie("trees")),
      ),
    }));
    forAll(trees, (any) => {
      const list = leaves<Leaf>(any);
      expect(withLeaves(any, list)).toEqual(any);
      expect(leaves<Leaf>(mapTree(any, ({ id }: Leaf) => leaf(id + 1))).map(({ id }) => id)).toEqual(
        list.map(({ id }) => id + 1),
      );
    });
  });
});

describe("types", () => {
  interface Params {
    readonly weight: Tensor;
    readonly blocks: readonly { readonly bias: Tensor }[];
    readonly heads: 4;
  }

  test("interpret takes arrays where the function takes tensors, and returns them where it returns tensors", () => {
    const fn = (p: { w: Tensor }, x: Tensor) => ({ y: mul(p.w, x), both: [p.w, x] as const });
    const result = interpret(fn, { w: array([1]) }, array([2]));
    expectTypeOf(result.y).toEqualTypeOf<NdArray<"float64">>();
    expectTypeOf(result.both).toEqualTypeOf<readonly [NdArray<"float64">, NdArray<"float64">]>();
    expectTypeOf(interpret<[Tensor], Tensor>)
      .parameter(1)
      .toEqualTypeOf<NdArray>();
    // @ts-expect-error: the second argument is missing
    const incomplete = () => interpret(fn, { w: array([1]) });
    // @ts-expect-error: a number is not an array
    const wrong = () => interpret(fn, { w: 1 }, array([2]));
    expect([result.y.data[0], incomplete, wrong]).toHaveLength(3);
  });

  test("grad returns the type of what it is taken with respect to", () => {
    const x = input("x", { shape: [], dtype: "float32" });
    const params = { weight: x, blocks: [{ bias: x }], heads: 4 } as Params;
    const gradient = grad(sum(mul(x, x)), params);
    expectTypeOf(gradient).toEqualTypeOf<Params>();
    expect(gradient.heads).toBe(4);
    const [a] = grad(sum(x), [x, params] as const);
    expectTypeOf(a).toExtend<Tensor>();
  });

  test("mapTree replaces leaves and nothing else", () => {
    expectTypeOf<Mapped<Params, NdArray>>().toEqualTypeOf<{
      readonly weight: NdArray;
      readonly blocks: readonly { readonly bias: NdArray }[];
      readonly heads: 4;
    }>();
    const params = { weight: leaf(1), blocks: [leaf(2), leaf(3)] as const };
    const mapped = mapTree(params, ({ id }: Leaf) => `${id}`);
    expectTypeOf(mapped.weight).toEqualTypeOf<string>();
    expectTypeOf(mapped.blocks).toEqualTypeOf<readonly [string, string]>();
    expect(mapped).toEqual({ weight: "1", blocks: ["2", "3"] });
  });

  test("an optional leaf stays optional", () => {
    interface Linear {
      readonly weight: Tensor;
      readonly bias?: Tensor;
    }
    expectTypeOf<Mapped<Linear, NdArray>>().toEqualTypeOf<{
      readonly weight: NdArray;
      readonly bias?: NdArray;
    }>();
    const { draw } = declarations();
    expectTypeOf(draw.normal).returns.toExtend<Tensor>();
    const linear: Linear = { weight: draw.normal("w", [1]) };
    expect(grad(sum(linear.weight), linear)).not.toHaveProperty("bias");
  });
});
