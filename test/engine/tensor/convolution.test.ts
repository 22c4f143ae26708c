import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NdArray } from "../../../src/engine/array/index.ts";
import {
  conv,
  convOutput,
  convTranspose,
  convWeight,
  interpret,
  type Tensor,
  type Window,
} from "../../../src/engine/tensor/index.ts";
import { checkGradient, checkPushforward, checkSecondDerivative, sample } from "../../helpers/gradcheck.ts";
import { at, expectClose, forAll, tabulate, total } from "./reference.ts";

interface Case {
  readonly x: NdArray;
  readonly w: NdArray;
  readonly g: NdArray;
  readonly window: Window;
}

const small = (max: number) => fc.integer({ min: 1, max });

/** A convolution of `axes` spatial axes with any stride, padding, dilation, groups and lengths for which it exists. */
const cases = (axes: number, longest: number): fc.Arbitrary<Case> => {
  const axis = fc
    .record({
      length: small(longest),
      kernel: small(3),
      stride: small(3),
      dilation: small(2),
      padding: fc.tuple(fc.nat(2), fc.nat(2)),
    })
    .filter(
      ({ length, kernel, dilation, padding }) => length + padding[0] + padding[1] > (kernel - 1) * dilation,
    );
  return fc
    .record({
      spatial: fc.array(axis, { minLength: axes, maxLength: axes }),
      batch: small(2),
      groups: small(2),
      inputs: small(2),
      outputs: small(2),
    })
    .map(({ spatial, batch, groups, inputs, outputs }) => {
      const of = <K extends keyof (typeof spatial)[number]>(key: K) => spatial.map((one) => one[key]);
      const window: Window = {
        stride: of("stride"),
        padding: of("padding"),
        dilation: of("dilation"),
        groups,
      };
      return {
        x: sample([batch, ...of("length"), inputs * groups], 1),
        w: sample([outputs * groups, ...of("kernel"), inputs], 2),
        g: sample([batch, ...convOutput(of("length"), of("kernel"), window), outputs * groups], 3),
        window,
      };
    });
};

/** The definition, one output at a time. */
function reference({ x, w, g, window }: Case): NdArray {
  const { stride, padding, dilation, groups } = window;
  const [outputs, ...rest] = w.shape as [number, ...number[]];
  const perGroup = outputs / groups;
  const channels = rest.at(-1)!;
  return tabulate(g.shape, (index) => {
    const [n, place, o] = [index[0]!, index.slice(1, -1), index.at(-1)!];
    return total(rest, (tap) => {
      const source = place.map((p, i) => p * stride[i]! + tap[i]! * dilation[i]! - padding[i]![0]);
      if (source.some((s, i) => s < 0 || s >= x.shape[i + 1]!)) return 0;
      const channel = Math.floor(o / perGroup) * channels + tap.at(-1)!;
      return at(x, [n, ...source, channel]) * at(w, [o, ...tap]);
    });
  });
}

const dotOf = (a: NdArray, b: NdArray) => total([a.data.length], ([i]) => a.data[i!]! * b.data[i!]!);

describe.each([
  [1, 9, 150],
  [2, 5, 100],
  [3, 3, 30],
])("in %i dimensions", (axes, longest, runs) => {
  test("conv is the cross-correlation of its definition", () => {
    forAll(
      cases(axes, longest),
      (one) => {
        const y = interpret((x: Tensor, w: Tensor) => conv(x, w, one.window), one.x, one.w);
        expectClose(y, reference(one));
      },
      runs,
    );
  });

  test("convTranspose and convWeight are the adjoints of conv in its input and its kernel", () => {
    forAll(
      cases(axes, longest),
      ({ x, w, g, window }) => {
        const spatial = x.shape.slice(1, -1);
        const kernel = w.shape.slice(1, -1);
        const [y, back, weight] = interpret(
          (a: Tensor, b: Tensor, c: Tensor) =>
            [
              conv(a, b, window),
              convTranspose(c, b, { window, spatial }),
              convWeight(a, c, { window, kernel }),
            ] as const,
          x,
          w,
          g,
        );
        expect(back.shape).toEqual(x.shape);
        expect(weight.shape).toEqual(w.shape);
        expect(dotOf(x, back)).toBeCloseTo(dotOf(y, g), 9);
        expect(dotOf(w, weight)).toBeCloseTo(dotOf(y, g), 9);
      },
      runs,
    );
  });

  test("the derivatives of all three are those of finite differences, at first and second order", () => {
    forAll(
      cases(axes, Math.min(longest, 4)),
      ({ x, w, g, window }) => {
        const spatial = x.shape.slice(1, -1);
        const kernel = w.shape.slice(1, -1);
        const forms = [
          { fn: (a: Tensor, b: Tensor) => conv(a, b, window), args: [x, w] },
          { fn: (a: Tensor, b: Tensor) => convTranspose(a, b, { window, spatial }), args: [g, w] },
          { fn: (a: Tensor, b: Tensor) => convWeight(a, b, { window, kernel }), args: [x, g] },
        ] as const;
        for (const { fn, args } of forms) {
          checkGradient(fn, args);
          checkSecondDerivative(fn, args);
          checkPushforward(fn, args);
        }
      },
      axes === 1 ? 12 : 5,
    );
  });
});

test("a kernel of length 1 is a matrix product over the channels", () => {
  const [x, w] = [sample([2, 4, 3], 1), sample([5, 1, 3], 2)];
  const window: Window = { stride: [1], padding: [[0, 0]], dilation: [1], groups: 1 };
  const [y, product] = interpret(
    (a: Tensor, b: Tensor) =>
      [conv(a, b, window), a.matmul(b.reshape([5, 3]), { transposeB: true })] as const,
    x,
    w,
  );
  expectClose(y, product);
});
