import { describe, expect, test } from "vitest";
import { array, type NdArray, ndarray, zeros } from "../../../src/engine/array/index.ts";
import { key, normal, rademacher, uniform } from "../../../src/engine/random/index.ts";
import { compile, evaluate, random, spec } from "../../../src/engine/runtime/index.ts";
import type { Draw, Tensor } from "../../../src/engine/tensor/index.ts";
import * as t from "../../../src/engine/tensor/index.ts";

const pairSpec = spec([2, 3]);
const six = (start: number) =>
  ndarray(
    Float32Array.from({ length: 6 }, (_, i) => start + i),
    [2, 3],
  );

describe("a compiled function", () => {
  test("takes and returns trees, with numbers and absent conditions in their places", async () => {
    const fn = (x: Tensor, rest: { w: Tensor; scale: number; condition: Tensor | undefined }) => ({
      y: t.mul(t.matmul(x, rest.w), rest.scale),
      list: [x.sum(), x.max()],
      condition: rest.condition,
    });
    const signature = { w: spec([3, 1]), scale: 10, condition: undefined };
    using run = await compile(fn, [pairSpec, signature]);
    const result = await run(six(0), { w: array([[1], [2], [3]]), scale: 10, condition: undefined });
    expect([...result.y.data]).toEqual([80, 260]);
    expect(result.list.map(({ shape, data }) => [shape, data[0]])).toEqual([
      [[], 15],
      [[], 5],
    ]);
    expect(result.condition).toBeUndefined();
  });

  test("takes exactly the shapes, dtypes and number of arguments of its signature", async () => {
    using run = await compile((x: Tensor, p: { a: Tensor }) => x.add(p.a), [pairSpec, { a: spec([3]) }]);
    const a = array([1, 2, 3]);
    await expect(run(zeros([3, 2]), { a })).rejects.toThrow(
      /compiled function: expected argument 0 to be float32 \[2,3\], got float32 \[3,2\]\. .*see batched/,
    );
    await expect(run(six(0), { a: array([1, 2, 3], "int32") })).rejects.toThrow(
      "expected argument 1.a to be float32 [3], got int32 [3]",
    );
    await expect(run(six(0), {} as never)).rejects.toThrow("argument 1.a to be float32 [3], got nothing");
    await expect((run as unknown as (x: NdArray) => Promise<never>)(six(0))).rejects.toMatchObject({
      kind: "option",
      message: "compiled function: expected 2 arguments, got 1.",
    });
  });

  test("refuses to work once disposed of, and can be disposed of twice", async () => {
    const run = await compile((x: Tensor) => x.exp(), [pairSpec]);
    run[Symbol.dispose]();
    run[Symbol.dispose]();
    await expect(run(six(0))).rejects.toMatchObject({ kind: "option" });
    await expect(run.into(zeros([2, 3]), six(0))).rejects.toThrow("got one that was disposed");
  });

  test("gives fresh results each time, and leaves its arguments alone", async () => {
    using run = await compile((x: Tensor) => [x.mul(2), x], [pairSpec]);
    const x = six(1);
    const [first, same] = await run(x);
    const [second] = await run(six(10));
    expect([...first!.data]).toEqual([2, 4, 6, 8, 10, 12]);
    expect(second!.data[0]).toBe(20);
    same!.data.fill(0);
    expect([...x.data]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("writes into arrays of its owner", async () => {
    using run = await compile((x: Tensor) => ({ y: x.mul(2), total: x.sum() }), [pairSpec]);
    const results = { y: zeros([2, 3]), total: zeros([]) };
    const { data } = results.y;
    await run.into(results, six(1));
    expect([...data, results.total.data[0]]).toEqual([2, 4, 6, 8, 10, 12, 21]);
    await expect(run.into({ y: zeros([6]), total: zeros([]) }, six(1))).rejects.toThrow(
      "expected result 0 to be float32 [2,3], got float32 [6]",
    );
  });

  test("answers parallel calls as if they came one after the other", async () => {
    using square = await compile((x: Tensor) => x.mul(x), [spec([1])]);
    using root = await compile((x: Tensor) => x.sqrt(), [spec([1])]);
    const inputs = Array.from({ length: 50 }, (_, i) => i);
    const answers = await Promise.all(
      inputs.flatMap((i) =>
        [square(array([i])), root(array([i * i]))].map(async (got) => (await got).data[0]),
      ),
    );
    expect(answers).toEqual(inputs.flatMap((i) => [i * i, i]));
  });

  test("says where and how it runs", async () => {
    const wide = spec([256, 512]);
    const product = (a: Tensor, b: Tensor) => t.matmul(a, b, { transposeB: true });
    using alone = await compile(product, [wide, wide], { device: "cpu", threads: 1 });
    expect([alone.device, alone.threads, alone.flops]).toEqual(["cpu", 1, 2 * 256 * 512 * 256]);
    using two = await compile(product, [wide, wide], { threads: 2 });
    expect(two.threads).toBe(2);
    using small = await compile((x: Tensor) => x.exp(), [pairSpec]);
    expect([small.threads, small.flops]).toEqual([1, 0]);
  });

  test("is refused when it returns something else than tensors", async () => {
    const fn = () => zeros([2]) as unknown as Tensor;
    await expect(compile(fn, [])).rejects.toThrow("expected a function that returns tensors");
  });

  test("is refused when it uses a tensor of another trace", async () => {
    let stolen: Tensor | undefined;
    using _ = await compile((x: Tensor) => (stolen = x).exp(), [pairSpec]);
    await expect(compile((x: Tensor) => x.add(stolen!), [pairSpec])).rejects.toMatchObject({
      kind: "option",
      message: expect.stringContaining("pass it as an argument"),
    });
  });
});

describe("random inputs", () => {
  const noisy = (x: Tensor, draw: Draw) => ({
    x: x.mul(1),
    normal: draw.normal("noise", [2, 3]),
    uniform: draw.fold("inner").uniform("time", [5]),
    sign: draw.rademacher("probe", [4]),
  });

  test("are listed, and filled from the key's child of their name", async () => {
    using run = await compile(noisy, [pairSpec, random]);
    expect(run.draws).toEqual([
      { name: "noise", shape: [2, 3] },
      { name: "inner/time", shape: [5] },
      { name: "probe", shape: [4] },
    ]);
    const result = await run(six(0), key(7));
    expect(result.normal).toEqual(normal(key(7).fold("noise"), [2, 3]));
    expect(result.uniform).toEqual(uniform(key(7).fold("inner/time"), [5]));
    expect(result.sign).toEqual(rademacher(key(7).fold("probe"), [4]));
  });

  test("are the same for the same key, and others for another key or name", async () => {
    const fn = (draw: Draw) => [draw.normal("a", [8]), draw.normal("b", [8])];
    using run = await compile(fn, [random]);
    const [a, b] = await run(key(1));
    expect(await run(key(1))).toEqual([a, b]);
    expect((await run(key(2)))[0]!.data).not.toEqual(a!.data);
    expect(b!.data).not.toEqual(a!.data);
  });

  test("cannot be declared twice under one name", async () => {
    const fn = (draw: Draw) => [draw.normal("a", [1]), draw.uniform("a", [1])];
    await expect(compile(fn, [random])).rejects.toThrow(
      'expected each random input to be declared once, got "a" twice',
    );
  });
});

describe("evaluate", () => {
  test("runs a function once on the arrays, keys and absent arguments it is given", async () => {
    const fn = (x: Tensor, condition: Tensor | undefined, draw: Draw) =>
      (condition ? x.mul(condition) : x).add(draw.uniform("u", [3]));
    const y = await evaluate(fn, [six(0), undefined, key(3)] as never);
    const noise = uniform(key(3).fold("u"), [3]).data;
    expect([...y.data]).toEqual(Array.from(six(0).data, (value, i) => Math.fround(value + noise[i % 3]!)));
  });
});
