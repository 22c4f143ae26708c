import fc from "fast-check";
import { expect, test } from "vitest";
import { constant, input, interpret, type Tensor } from "../../../src/engine/tensor/index.ts";
import { affine, condOT, linearVP, vp } from "../../../src/flow/path/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { anyScheduler, doubles, filledWith, inside, schedulers, slopeOf } from "./cases.ts";

const x0 = sample([2, 3], 1);
const x1 = sample([2, 3], 2);
const along = (scheduler: (typeof schedulers)[number], t: number) =>
  interpret(
    (a: Tensor, b: Tensor, time: Tensor) => affine(scheduler).sample({ x0: a, x1: b, t: time }),
    x0,
    x1,
    filledWith(t, [2]),
  );

test("the velocity is the derivative of the point, under every scheduler", () => {
  fc.assert(
    fc.property(anyScheduler, inside, (scheduler, t) => {
      const { velocity } = along(scheduler, t);
      velocity.data.forEach((v, i) => {
        const numeric = slopeOf((s) => along(scheduler, s).xt.data[i]!, t);
        expect(Math.abs(v - numeric)).toBeLessThan(1e-6 * (1 + Math.abs(numeric)));
      });
    }),
    { numRuns: 40 },
  );
});

test.each(schedulers)("$name ends at the data, and starts at the noise unless it is vp", (scheduler) => {
  along(scheduler, 1).xt.data.forEach((x, i) => expect(x).toBeCloseTo(x1.data[i]!, 12));
  if (scheduler.name.startsWith("vp")) return expect(along(scheduler, 0).xt.data).not.toEqual(x0.data);
  expect([...along(scheduler, 0).xt.data]).toEqual([...x0.data]);
});

test("a time per token moves every token by its own time", () => {
  const a = sample([2, 3, 4], 3);
  const b = sample([2, 3, 4], 4);
  const t = sample([2, 3], 5, [0, 1]);
  const { xt, velocity } = interpret(
    (p: Tensor, q: Tensor, time: Tensor) => affine(condOT).sample({ x0: p, x1: q, t: time }),
    a,
    b,
    t,
  );
  xt.data.forEach((x, i) => {
    const time = t.data[Math.floor(i / 4)]!;
    expect(x).toBeCloseTo(time * b.data[i]! + (1 - time) * a.data[i]!, 14);
    expect(velocity.data[i]).toBeCloseTo(b.data[i]! - a.data[i]!, 14);
  });
});

test("the draw comes back with the sample, and the path says its scheduler", () => {
  const draw = { x0: constant(x0), x1: constant(x1), t: constant(doubles([0.2, 0.4])) };
  expect(affine(linearVP).sample(draw)).toMatchObject(draw);
  expect([affine(condOT).name, affine(vp()).name]).toEqual(["affine(condOT)", "affine(vp(0.1, 20))"]);
});

test("times and ends that do not fit are refused", () => {
  const tensor = (shape: number[]) => input("x", { shape, dtype: "float32" });
  const at = (t: number[], x = [4, 3, 2]) =>
    affine(condOT).sample({ x0: tensor(x), x1: tensor([4, 3, 2]), t: tensor(t) });
  expect(() => at([3])).toThrow("path.sample: expected t of shape [4] or [4, 3], got [3]. Give every sample");
  expect(() => at([])).toThrow("got []. Give every sample");
  expect(() => at([4, 2])).toThrow("path.sample");
  expect(() => at([4, 3, 2])).toThrow("path.sample");
  expect(() => at([4], [4, 3])).toThrow("path.sample: expected x0 of the shape of x1, [4,3,2], got [4, 3]");
  expect(at([4]).xt.shape).toEqual([4, 3, 2]);
});
