import { expect, test } from "vitest";
import { declarations, is } from "../../../src/engine/tensor/index.ts";

test("a declared draw is an input that knows its name, shape and distribution", () => {
  const { draw, declared } = declarations();
  const noise = draw.normal("noise", [4, 2]);
  const time = draw.uniform("time", [4]);
  const probe = draw.rademacher("probe", []);
  expect(declared).toEqual([noise, time, probe]);
  expect(declared.map(({ attributes }) => attributes)).toEqual([
    { name: "noise", distribution: "normal" },
    { name: "time", distribution: "uniform" },
    { name: "probe", distribution: "rademacher" },
  ]);
  expect([noise, time, probe].map(({ shape, dtype }) => [dtype, ...shape])).toEqual([
    ["float32", 4, 2],
    ["float32", 4],
    ["float32"],
  ]);
  expect(is("input", noise)).toBe(true);
});

test("fold prefixes the names, and declares into the same list", () => {
  const { draw, declared } = declarations();
  const block = draw.fold("block").fold("0");
  block.normal("noise", [1]);
  draw.fold("block").normal("noise", [1]);
  draw.normal("noise", [1]);
  expect(declared.map(({ attributes }) => attributes.name)).toEqual([
    "block/0/noise",
    "block/noise",
    "noise",
  ]);
});

test("a name may be declared once; other declarations know nothing of it", () => {
  const { draw } = declarations();
  draw.fold("a").normal("noise", [1]);
  expect(() => draw.uniform("a/noise", [1])).toThrow(
    'draw: expected each random input to be declared once, got "a/noise" twice. Use draw.fold',
  );
  expect(() => declarations().draw.uniform("a/noise", [1])).not.toThrow();
});

test("a shape that is none is refused, and the name stays free", () => {
  const { draw, declared } = declarations();
  expect(() => draw.normal("noise", [2.5])).toThrow(
    "draw: expected a shape of whole numbers >= 0, got [2.5]",
  );
  expect(declared).toEqual([]);
  expect(draw.normal("noise", [2]).shape).toEqual([2]);
});
