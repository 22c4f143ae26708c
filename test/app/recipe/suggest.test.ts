import fc from "fast-check";
import { expect, test } from "vitest";
import { editDistance, suggestion } from "../../../src/app/recipe/index.ts";

test("the distance counts what is inserted, removed and replaced", () => {
  expect(editDistance("kitten", "sitting")).toBe(3);
  expect(editDistance("", "abc")).toBe(3);
  const word = fc.string({ maxLength: 8 });
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, a)).toBe(0);
      expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
    }),
  );
});

test("a word near another is suggested, whatever its case and hyphens, and one that is far is not", () => {
  const words = ["steps", "batch", "learningRate", "two-moons"];
  expect(suggestion("stepps", words)).toBe("steps");
  expect(suggestion("learning_rate", words)).toBe("learningRate");
  expect(suggestion("twoMoons", words)).toBe("two-moons");
  expect(suggestion("optimizer", words)).toBeUndefined();
  expect(suggestion("", words)).toBeUndefined();
});
