import fc from "fast-check";
import { expect, test } from "vitest";
import { compile, specOf } from "../../../src/engine/runtime/index.ts";
import * as t from "../../../src/engine/tensor/index.ts";
import { rules } from "../../../src/engine/tensor/rules.ts";
import { type Case, expectAgreement, labelOf, numbers } from "./lower-cases.ts";
import { type Primitive, primitives } from "./lower-primitives.ts";

const entries = Object.entries(primitives) as [t.OpName, Primitive][];
/** The case, printed by its label when a property fails. */
const printed = (entry: Case): Case => Object.assign({ [fc.toStringMethod]: () => labelOf(entry) }, entry);

const pairs = entries.flatMap(([op, { dtypes, cases }]) =>
  dtypes.map((dtype) => ({ op, dtype, cases: cases(dtype).map(printed) })),
);

test("the table of cases has every primitive but those without operands, and calls", () => {
  const others = ["input", "constant", "call"];
  expect([...Object.keys(primitives), ...others].sort()).toEqual(Object.keys(rules).sort());
});

test.each(entries)("the cases of %s contain it", (op, { dtypes, cases }) => {
  const made = fc.sample(cases(dtypes[0]!), { numRuns: 20, seed: 1 });
  const found = made.some(({ fn, inputs }) => {
    const placeholders = inputs.map((array) => t.input("x", array as t.TensorType));
    return t.ancestors([fn(...placeholders)]).some((tensor) => tensor.op === op);
  });
  expect(found).toBe(true);
});

/** What ONNX Runtime's CPU has no kernel for. */
const missing = new Set(["float64 erf", "float64 softplus"]);

const isMissing = ({ op, dtype }: { op: string; dtype: string }) => missing.has(`${dtype} ${op}`);

test.each(pairs.filter((pair) => !isMissing(pair)))(
  "$op of $dtype, compiled, is what the interpreter computes",
  async ({ cases }) => {
    const many = fc.array(cases, { minLength: 10, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(many, (list) => expectAgreement(list)),
      { numRuns: 4, seed: 1 },
    );
  },
);

test.each(pairs.filter(isMissing))("$op of $dtype is refused in words", async ({ cases }) => {
  const [{ fn, inputs }] = fc.sample(cases, { numRuns: 1, seed: 1 }) as [Case];
  await expect(compile(fn, inputs.map(specOf) as never)).rejects.toMatchObject({
    kind: "unsupported",
    where: "compile",
  });
});

test("empty arrays go through", async () => {
  const x = numbers([0, 3]);
  const matrix = numbers([3, 2]);
  const cases: Case[] = [
    { label: "add", fn: (a) => t.add(a, 1), inputs: [x] },
    { label: "sum", fn: (a) => t.sum(a, { axes: 0 }), inputs: [x] },
    { label: "matmul", fn: (a, b) => t.matmul(a, b), inputs: [x, matrix] },
    {
      label: "product without inner axis",
      fn: (a, b) => t.matmul(a, b, { transposeA: true }),
      inputs: [x, x],
    },
    { label: "concat", fn: (a, b) => t.concat([a, b], 0), inputs: [x, numbers([2, 3])] },
    { label: "slice", fn: (a) => t.slice(a, { axis: 1, start: 1, stop: 1 }), inputs: [numbers([2, 3])] },
    { label: "transpose", fn: (a) => t.transpose(a), inputs: [x] },
    { label: "reshape", fn: (a) => t.reshape(a, [3, 0, 5]), inputs: [x] },
    { label: "pad", fn: (a) => t.pad(a, [[1, 1], [0, 2]]), inputs: [x] }, // biome-ignore format: one line
    { label: "expand", fn: (a) => t.expand(a, [0, 3]), inputs: [numbers([1, 3])] },
    {
      label: "take",
      fn: (a, i) => t.take(a, i),
      inputs: [numbers([2, 3]), numbers([0], { dtype: "int32" })],
    },
    {
      label: "scatterAdd",
      fn: (i, u) => t.scatterAdd(i, u, { shape: [4, 3] }),
      inputs: [numbers([0], { dtype: "int32" }), x],
    },
    { label: "softmax", fn: (a) => t.softmax(a), inputs: [x] },
    { label: "where", fn: (a) => t.where(t.less(a, 0), a, 1), inputs: [x] },
  ];
  for (const entry of cases) await expectAgreement([entry]);
});

test.each([1, 2])(
  "scatterAdd adds every one of many updates of a few rows on %i threads",
  async (threads) => {
    const indices = numbers([40_000], { dtype: "int32", range: [0, 3] });
    const updates = numbers([40_000, 8], { dtype: "int32", range: [0, 9] });
    const fn = (index: t.Tensor, rows: t.Tensor) =>
      t.scatterAdd(index, t.cast(rows, "float32"), { shape: [4, 8] });
    for (let round = 0; round < 3; round++)
      await expectAgreement([{ label: "scatterAdd", fn, inputs: [indices, updates] }], { threads });
  },
);
