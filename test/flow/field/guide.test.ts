import fc from "fast-check";
import { expect, test } from "vitest";
import {
  ancestors,
  constant,
  input,
  interpret,
  mul,
  sin,
  type Tensor,
} from "../../../src/engine/tensor/index.ts";
import { counted, guide } from "../../../src/flow/field/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { doubles } from "../path/cases.ts";

const conditional = (x: Tensor) => sin(x);
const unconditional = (x: Tensor, t: Tensor) => mul(x, t.reshape([t.shape[0]!, 1]));
const x = sample([3, 2], 1);
const t = doubles([0.2, 0.5, 0.9]);
const at = (field: (x: Tensor, t: Tensor) => Tensor) => [...interpret(field, x, t).data];
const [c, u] = [at(conditional), at(unconditional)];
const strengths = fc.double({ min: -2, max: 8, noNaN: true });
const near = (got: readonly number[], want: readonly number[]) =>
  got.forEach((value, i) => expect(value).toBeCloseTo(want[i]!, 12));

test("scale is u + s (c - u), weight is (1 + w) c - w u, and they differ by one", () => {
  fc.assert(
    fc.property(strengths, (s) => {
      const scaled = at(guide({ conditional, unconditional, scale: s }));
      const weighted = at(guide({ conditional, unconditional, weight: s }));
      near(
        scaled,
        c.map((v, i) => u[i]! + s * (v - u[i]!)),
      );
      near(
        weighted,
        c.map((v, i) => (1 + s) * v - s * u[i]!),
      );
      near(at(guide({ conditional, unconditional, scale: s + 1 })), weighted);
    }),
  );
});

test("guides only at the times inside the interval, its ends included", () => {
  const guided = at(guide({ conditional, unconditional, scale: 3, interval: [0.5, 0.9] }));
  const everywhere = at(guide({ conditional, unconditional, scale: 3 }));
  expect(guided.slice(0, 2)).toEqual(c.slice(0, 2));
  near(guided.slice(2), everywhere.slice(2));
  expect(everywhere[0]).not.toBeCloseTo(c[0]!, 3);
  const below = at(guide({ conditional, unconditional, scale: 3, interval: [0, 0.4] }));
  near(below.slice(0, 2), everywhere.slice(0, 2));
  expect(below.slice(2)).toEqual(c.slice(2));
});

test("the unconditional field leaves the graph where it has no say", () => {
  const [both, expensive] = [
    input("x", { shape: [3, 2], dtype: "float32" }),
    counted((y: Tensor) => sin(mul(y, 7))),
  ];
  const sines = (field: (y: Tensor, time: Tensor) => Tensor, time: number) =>
    ancestors([field(both, constant(time).expand([3]))]).filter(({ op }) => op === "sin").length;
  const fields = { conditional, unconditional: expensive, scale: 2 };
  expect(sines(guide({ ...fields, interval: [0.2, 0.4] }), 0.3)).toBe(2);
  expect(sines(guide({ ...fields, interval: [0.2, 0.4] }), 0.5)).toBe(1);
  expect(sines(guide({ ...fields, scale: 1 }), 0.3)).toBe(1);
  expect(expensive.calls).toBe(3);
});

test("strengths and intervals without a meaning are refused", () => {
  expect(() => guide({ conditional, unconditional, scale: Number.NaN })).toThrow(
    "guide: expected either a finite scale or a finite weight, got scale NaN, weight undefined. scale = 1 + weight",
  );
  // @ts-expect-error one of them is needed
  expect(() => guide({ conditional, unconditional })).toThrow("guide: expected either");
  // @ts-expect-error and only one
  expect(() => guide({ conditional, unconditional, scale: 1, weight: 0 })).toThrow("guide: expected either");
  expect(() => guide({ conditional, unconditional, scale: 2, interval: [0.8, 0.2] })).toThrow(
    "guide: expected an interval [from, to] with from <= to, got [0.8, 0.2]. Time runs from 0",
  );
});
