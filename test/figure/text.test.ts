import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeXml, px } from "../../src/figure/text.ts";
import { parseXml } from "./xml.ts";

const text = fc.string({
  unit: fc.oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    fc.constantFrom(..."<>&\"'\u0000\ud800"),
  ),
});

test("text comes through an element and an attribute as it was, except for what XML cannot hold", () => {
  fc.assert(
    fc.property(text, (words) => {
      const escaped = escapeXml(words);
      const element = parseXml(`<a b="${escaped}">${escaped}</a>`);
      expect(element.text).toBe(element.attributes.b);
      const possible = Array.from(words, (character) =>
        /[\p{Cc}\p{Surrogate}\ufffe\uffff]/u.test(character) ? "" : character,
      );
      const kept = Array.from(element.text, (character) =>
        /[\p{Cc}\ufffd]/u.test(character) ? "" : character,
      );
      expect(kept.join("")).toBe(possible.join("").replaceAll("\ufffd", ""));
    }),
  );
});

test("coordinates are short, and never in a form that SVG does not read", () => {
  expect([1 / 3, -0, 5, 1e-9, 1e300, Number.NEGATIVE_INFINITY].map(px)).toEqual([
    "0.33",
    "0",
    "5",
    "0",
    "100000",
    "-100000",
  ]);
});
