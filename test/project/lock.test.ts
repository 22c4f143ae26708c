import { expect, test } from "vitest";
import { read } from "./sources.ts";

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(read("package-lock.json")) as { packages: Readonly<Record<string, Locked>> };

/** npm leaves out what its registry lacks, and then no machine can run `npm ci`; put the old entries back. */
test("the lockfile names the binaries of every platform, not only those of the machine that wrote it", () => {
  const wanted = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
  const known = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, "")));
  expect(wanted.filter((name) => !known.has(name))).toEqual([]);
});

test("the lockfile has a version for every package, and none from elsewhere than the npm registry", () => {
  const entries = Object.entries(packages).filter(([path]) => path !== "");
  expect(entries.filter(([, { version }]) => !version).map(([path]) => path)).toEqual([]);
  const elsewhere = entries.filter(([, { resolved = "https://registry.npmjs.org/" }]) => {
    return !resolved.startsWith("https://registry.npmjs.org/");
  });
  expect(elsewhere.map(([path]) => path)).toEqual([]);
});
