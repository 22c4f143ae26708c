import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { emitDeclarations, exportsOf } from "./declarations.ts";
import { subpaths } from "./sources.ts";

/** Names and declarations that users can see. A change here is a change for them: CHANGELOG.md needs a line. */
describe("the public API is the committed one (npm run test:api accepts a change)", () => {
  const declarations = emitDeclarations();

  test.each(subpaths())("advect/$name", async ({ name, source }) => {
    const file = join(declarations, source.replace(/^src\//, "").replace(/\.ts$/, ".d.ts"));
    const entries = [...exportsOf(file)].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(entries.length).toBeGreaterThan(0);
    const text = entries.map(([, declaration]) => declaration).join("\n");
    expect(text).not.toContain("not found in");
    await expect(`${text}\n`).toMatchFileSnapshot(join("api", `${name}.d.ts.txt`));
  });
});
