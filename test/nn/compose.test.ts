import { expect, test } from "vitest";
import { key } from "../../src/engine/random/index.ts";
import { indexed, initEach, linear, within } from "../../src/nn/index.ts";
import { shapesOf } from "./check.ts";

const layer = linear({ inputs: 3, outputs: 2 });

test("every layer draws from the key folded by its path, so siblings do not change it", () => {
  const alone = initEach(key(1), { a: { b: layer } });
  const among = initEach(key(1), { first: layer, a: { b: layer, c: layer } });
  expect(among.a.b).toEqual(alone.a.b);
  expect(alone.a.b).toEqual(layer.init(key(1).fold("a").fold("b")));
  expect(among.a.c.weight.data).not.toEqual(among.a.b.weight.data);
});

test("lists have the names of a ModuleList, wrapped layers those of their module", () => {
  const values = initEach(key(1), { blocks: indexed([layer, within("conv", layer)]) });
  expect(shapesOf(values)).toEqual([
    "blocks.0.weight [2,3]",
    "blocks.0.bias [2]",
    "blocks.1.conv.weight [2,3]",
    "blocks.1.conv.bias [2]",
  ]);
});
