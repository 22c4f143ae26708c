import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NdArray } from "../../../src/engine/array/index.ts";
import * as t from "../../../src/engine/tensor/index.ts";
import { checkGradient, sample } from "../../helpers/gradcheck.ts";
import { emitted, histogram } from "../onnx/emitted.ts";

type Step = (x: t.Tensor) => t.Tensor;

const weighted: Step = (x) => t.mul(x, t.constant(sample(x.shape, 7)));

/** Operations that later ones see through, and others; each is for a tensor of any shape. */
const steps: Readonly<Record<string, Step>> = {
  flat: (x) => t.reshape(x, [x.size]),
  pairs: (x) => (x.size % 2 === 0 ? t.reshape(x, [x.size / 2, 2]) : x),
  raised: (x) => t.expandDims(x, 0),
  transposed: (x) => (x.rank > 1 ? t.transpose(x) : x),
  negated: t.neg,
  doubled: (x) => t.mul(x, 2),
  halved: (x) => t.div(x, 2),
  cut: (x) => (x.rank > 0 && x.shape.at(-1)! > 1 ? t.slice(x, { axis: -1, start: 1 }) : x),
  every: (x) => (x.rank > 0 && x.shape[0]! > 2 ? t.slice(x, { axis: 0, step: 2 }) : x),
  stretched: (x) => (x.size < 50 ? t.expand(x, [2, ...x.shape]) : x),
  bent: t.sin,
  squared: (x) => t.mul(x, x),
  weighted,
  product: (x) => (x.rank > 1 ? t.matmul(x, t.constant(sample([x.shape.at(-1)!, 3], 8))) : x),
};

const program = fc.array(fc.constantFrom(...Object.keys(steps)), { maxLength: 5 });
const run = (list: readonly string[], x: t.Tensor) => list.reduce((value, name) => steps[name]!(value), x);

/** Several programs on one x, side by side. */
const forked = (lists: readonly (readonly string[])[]) => (x: t.Tensor) =>
  t.concat(lists.map((list) => t.reshape(run(list, x), [-1])));

/** The gradient of sum w after(x) with respect to x = own(before(z)), as a function of z. */
const inside = (before: Step, after: Step, own: Step) => (z: t.Tensor) => {
  const x = own(before(z));
  return t.grad(t.sum(weighted(after(x))), x);
};

/** The same with an input x that has the numbers of before(z). */
function outside(before: Step, after: Step): NdArray {
  const identity: Step = (x) => x;
  return t.interpret(inside(identity, after, identity), t.interpret(before, z));
}

const z = sample([3, 4], 3);

function expectEqual(got: NdArray, expected: NdArray): void {
  const allowed = 1e-12 * Math.max(1, ...Array.from(expected.data, Math.abs));
  expected.data.forEach((value, i) => expect(Math.abs(got.data[i]! - value)).toBeLessThan(allowed));
}

describe("the gradient with respect to something computed", () => {
  test("is right if it is opaque, whatever it was computed by and is used for", () => {
    const property = fc.property(program, fc.tuple(program, program), (first, forks) => {
      const before: Step = (x) => run(first, x);
      const after = forked(forks);
      checkGradient(after, [t.interpret(before, z)]);
      expectEqual(t.interpret(inside(before, after, t.opaque), z), outside(before, after));
    });
    fc.assert(property, { numRuns: 60, seed: 1 });
  });

  test("is right or refused if it is not", () => {
    const property = fc.property(program, fc.tuple(program, program), (first, forks) => {
      const [before, after]: [Step, Step] = [(x) => run(first, x), forked(forks)];
      const got = unlessRefused(() =>
        t.interpret(
          inside(before, after, (x) => x),
          z,
        ),
      );
      if (got) expectEqual(got, outside(before, after));
    });
    fc.assert(property, { numRuns: 300, seed: 2 });
  });

  test("is right if that keeps all elements, and is used in one place", () => {
    const lossy = ["cut", "every", "stretched"];
    const property = fc.property(program, program, (first, then) => {
      fc.pre(!first.some((name) => lossy.includes(name)));
      const [before, after]: [Step, Step] = [(x) => run(first, x), (x) => run(then, x)];
      expectEqual(
        t.interpret(
          inside(before, after, (x) => x),
          z,
        ),
        outside(before, after),
      );
    });
    fc.assert(property, { numRuns: 200, seed: 3 });
  });

  test("is refused for a constant, with which others may have been folded, unless it is opaque", () => {
    const slope = (own: Step) => () => {
      const x = own(t.constant(z));
      return t.grad(t.sum(t.mul(x, x)), x);
    };
    expect(unlessRefused(() => t.interpret(slope((x) => x)))).toBe(undefined);
    expect(unlessRefused(() => t.interpret(slope(() => t.filled([2, 3], 1))))).toBe(undefined);
    expectEqual(t.interpret(slope(t.opaque)), { ...z, data: z.data.map((value) => 2 * value) });
  });

  test("is that of valueAndGrad's own variable, be it a view", () => {
    const fn = (x: t.Tensor) => t.sum(weighted(t.add(t.sin(x), t.reshape(t.reshape(x, [3, 4]), x.shape))));
    const got = t.interpret((x: t.Tensor) => t.valueAndGrad(fn)(t.reshape(x, [12])).gradient, z);
    checkGradient(fn, [t.interpret((x: t.Tensor) => t.reshape(x, [12]), z)]);
    const slopes = t.interpret((x: t.Tensor) => weighted(t.add(t.cos(x), 1)), { ...z, shape: [12] });
    expectEqual(got, slopes);
  });
});

test("an opaque tensor is the tensor itself, unless that could be seen through", () => {
  const x = t.input("x", z);
  expect(t.opaque(x)).toBe(x);
  expect(t.opaque(t.exp(x))).toBe(t.exp(x));
  const view = t.opaque(t.reshape(x, [12]));
  expect(t.reshape(view, [3, 4]).inputs).toEqual([view]);
});

test("an opaque tensor is nothing in an ONNX graph", () => {
  const fn = (x: t.Tensor) => t.exp(t.opaque(t.reshape(x, [6])));
  expect(histogram(emitted(fn, [[2, 3]]))).toEqual({ Exp: 1, Reshape: 1 });
});

test.each([t.divergence, hutchinsonOnce])(
  "%o of a field that reshapes a reshape again is right",
  (diverge) => {
    const field = (x: t.Tensor) => {
      const flat = t.reshape(x, [3, 4]);
      return t.reshape(t.add(t.sin(t.matmul(flat, t.constant(sample([4, 4], 5)))), flat), x.shape);
    };
    const shaped = (x: t.Tensor) => t.reshape(x, [3, 2, 2]);
    const direct = t.interpret((x: t.Tensor) => diverge(field(x), x), { ...z, shape: [3, 2, 2] });
    const viewed = t.interpret(
      (x: t.Tensor) => {
        const own = t.mul(shaped(x), 2);
        return diverge(field(own), own);
      },
      { ...z, data: z.data.map((value) => value / 2) },
    );
    expect(Math.max(...direct.data.map(Math.abs))).toBeGreaterThan(0.1);
    expectEqual(viewed, direct);
  },
);

function hutchinsonOnce(v: t.Tensor, x: t.Tensor): t.Tensor {
  return t.hutchinson(v, x, t.constant(sample([1, ...x.shape], 9), x.dtype));
}

/** What `fn` gives, or nothing if it says that what is asked for cannot be told. */
function unlessRefused<T>(fn: () => T): T | undefined {
  try {
    return fn();
  } catch (error) {
    expect(error).toMatchObject({ kind: "unsupported", where: "vjp" });
    expect(String(error)).toContain("opaque(x)");
    return undefined;
  }
}
