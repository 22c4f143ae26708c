import { expect, test } from "vitest";
import { filesUnder, read } from "./sources.ts";

const folders = ["src", "examples", "bench", "test", "docs"];
const sources = folders.flatMap((folder) => [...filesUnder(folder), ...filesUnder(folder, ".md")]);

/** [salmon2011], [kingma2015, Algorithm 1], [ho2020; dhariwal2021] and `reference: "kingma2015"`. */
function cited(text: string): string[] {
  const brackets = [...text.matchAll(/\[([a-z]+\d{4}[a-z]?(?:[,;][^\]]*)?)\]/g)].map((match) => match[1]!);
  const fields = [...text.matchAll(/reference: "([^"]+)"/g)].map((match) => match[1]!);
  return [...brackets, ...fields].flatMap((list) => list.match(/\b[a-z]+\d{4}[a-z]?\b/g) ?? []);
}

const entries = [...read("docs/references.bib").matchAll(/^@\w+\{([^,]+),/gm)].map((match) => match[1]!);
const own = "test/project/references.test.ts";
const keys = new Set(sources.filter((file) => file !== own).flatMap((file) => cited(read(file))));

test("every paper that is cited is in docs/references.bib, and every entry there is cited", () => {
  expect([...keys].sort()).toEqual([...entries].sort());
});

test("the entries are in alphabetical order, with author, title and year", () => {
  expect(entries).toEqual([...entries].sort());
  const bodies = read("docs/references.bib").split(/^@/m).slice(1);
  const incomplete = bodies.filter(
    (body) => ![" author =", " title =", " year ="].every((f) => body.includes(f)),
  );
  expect(incomplete).toEqual([]);
});
