import { expect, test } from "vitest";
import { split } from "../../src/data/index.ts";
import { key } from "../../src/engine/random/index.ts";

test("every row is in one part, in order, the same for one key and others for another", () => {
  const { train, validation } = split(key("a"), { count: 101, validation: 0.2 });
  expect([train.length, validation.length]).toEqual([81, 20]);
  expect([...train, ...validation].sort((a, b) => a - b)).toEqual(Array.from({ length: 101 }, (_, i) => i));
  for (const rows of [train, validation]) expect([...rows]).toEqual([...rows].sort((a, b) => a - b));
  expect(split(key("a"), { count: 101, validation: 0.2 })).toEqual({ train, validation });
  expect(split(key("b"), { count: 101, validation: 0.2 }).validation).not.toEqual(validation);
});

test("each row is as likely as any other to be held out", () => {
  const counts = new Float64Array(10);
  for (let i = 0; i < 2000; i++) {
    for (const row of split(key(i), { count: 10, validation: 0.3 }).validation) counts[row]! += 1;
  }
  const spread = Math.sqrt(2000 * 0.3 * 0.7);
  expect(counts.every((count) => Math.abs(count - 600) < 4 * spread)).toBe(true);
});

test.each([0, 1, -0.1, 1.5, 0.01, Number.NaN])("a part of %f of ten rows is refused", (validation) => {
  expect(() => split(key(0), { count: 10, validation })).toThrow("split: expected a count of rows");
});
