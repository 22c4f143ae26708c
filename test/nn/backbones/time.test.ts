import { expect, test } from "vitest";
import { key } from "../../../src/engine/random/index.ts";
import { interpret, type Tensor } from "../../../src/engine/tensor/index.ts";
import { timeEncoder, timestepEmbedding } from "../../../src/nn/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { checkLeaves, checkLeavesTwice, scrambled, shapesOf } from "../check.ts";

const encoder = timeEncoder({ size: 8, hidden: 5, outputs: 3, activation: "mish", scale: 3 });
const params = scrambled(encoder.init(key(1)));
const t = sample([4], 1, [0, 1]);

test("has the derivatives of finite differences, first and second", () => {
  const fn = (p: Parameters<typeof encoder.apply>[0], a: Tensor) => encoder.apply(p, a);
  checkLeaves(fn, [params, t]);
  checkLeavesTwice(fn, [params, t]);
});

test("scales the time before its sines, and uses the embedding it is given", () => {
  const scaled = timeEncoder({ size: 8, hidden: 5, outputs: 3, activation: "mish", scale: 1 });
  const other = timeEncoder({
    size: 8,
    hidden: 5,
    outputs: 3,
    activation: "mish",
    scale: 3,
    embed: timestepEmbedding,
  });
  type P = Parameters<typeof encoder.apply>[0];
  const y = interpret(
    (p: P, a: Tensor) => [encoder.apply(p, a), scaled.apply(p, a.mul(3)), other.apply(p, a)],
    params,
    t,
  );
  expect(y[0]).toEqual(y[1]);
  expect(y[0]!.data).not.toEqual(y[2]!.data);
});

test("distinguishes times that are near, at the default scale", () => {
  const fine = timeEncoder({ size: 16, hidden: 8, outputs: 8, activation: "silu" });
  const y = interpret(
    (p: Parameters<typeof fine.apply>[0], a: Tensor) => fine.apply(p, a),
    scrambled(fine.init(key(1))),
    { shape: [2], dtype: "float64", data: Float64Array.of(0.5, 0.502) },
  ).data;
  const distance = Math.hypot(...Array.from({ length: 8 }, (_, i) => y[i]! - y[8 + i]!));
  expect(distance).toBeGreaterThan(0.1);
});

test("has the names it is given", () => {
  expect(shapesOf(encoder.init(key(1)))).toEqual([
    "0.weight [5,8]",
    "0.bias [5]",
    "2.weight [3,5]",
    "2.bias [3]",
  ]);
});

test("odd sizes are refused at once", () => {
  const odd = () => timeEncoder({ size: 7, hidden: 5, outputs: 3, activation: "silu" });
  expect(odd).toThrow("timeEncoder: expected an even size, half of it sines, got 7. Give an even timeSize.");
});
