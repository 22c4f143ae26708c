import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { readRecipe } from "../../src/app/index.ts";
import { tsc } from "./declarations.ts";
import { filesUnder, manifest, read, root } from "./sources.ts";

/**
 * The TypeScript blocks of a page run as one module, in order, so that a page can build on itself. A comment behind
 * console.log(…) on the same line is what it prints.
 */
const pages = ["README.md", ...filesUnder("docs", ".md")].filter((page) => !page.includes("node_modules"));
const folder = join(root, ".tmp", "docs");
const modules = pages
  .map((page) => ({ page, file: `${page.replace(/\W/g, "-")}.ts`, code: blocks(page, "ts").join("\n") }))
  .filter(({ code }) => code !== "");

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const { file, code } of modules) writeFileSync(join(folder, file), `${code}\nexport {};\n`);

describe("the code of the documentation", () => {
  test("type-checks", () => {
    const config = { extends: "../../tsconfig.json", include: ["."], exclude: [] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    expect(output(() => execFileSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" }))).toBe("");
  });

  test.each(modules)("$page runs and prints what it says", async ({ file, code }) => {
    const printed: string[] = [];
    using _ = vi.spyOn(console, "log").mockImplementation((...values) => void printed.push(values.join(" ")));
    await import(join(folder, file));
    const promised = [...code.matchAll(/console\.log\(.*\);(?: \/\/ (.*))?$/gm)].map((match) => match[1]);
    expect(printed).toEqual(promised.map((line, i) => line ?? printed[i]));
  });
});

test.each(pages.flatMap((page) => blocks(page, "yaml").map((text) => ({ page, text }))))(
  "a recipe in $page is one",
  ({ text }) => {
    expect(() => readRecipe(text)).not.toThrow();
  },
);

describe("the README", () => {
  const commands = blocks("README.md", "sh").join("\n").trim().split("\n");

  test("has two commands, and .ci/run calls the one for tests as it is printed", () => {
    expect(commands).toEqual(["npm ci && npm start", "npm ci && npm test"]);
    expect(read(".ci/run").split("\n")).toContain(commands[1]);
  });

  test("names npm scripts that exist, as CONTRIBUTING.md does", () => {
    const named = ["README.md", "CONTRIBUTING.md", "examples/README.md"].flatMap((page) =>
      [...read(page).matchAll(/npm run ([\w:]+)/g)].map((match) => match[1]!),
    );
    expect(named.filter((name) => !(name in manifest().scripts))).toEqual([]);
  });

  test.each(["README.md", "CONTRIBUTING.md", ...filesUnder("docs", ".md")])(
    "%s links to files that exist",
    (page) => {
      const known = new Set(
        execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
          cwd: root,
          encoding: "utf8",
        }).split("\n"),
      );
      const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1]!);
      const targets = links.map((link) => join(page, "..", link).replace(/\/$/, ""));
      const exists = (path: string) =>
        known.has(path) || [...known].some((file) => file.startsWith(`${path}/`));
      expect(targets.filter((path) => !exists(path))).toEqual([]);
    },
  );
});

describe("decisions", () => {
  test.each(filesUnder("docs/decisions", ".md"))("%s has the four parts and at most 40 lines", (page) => {
    if (page.endsWith("README.md")) return;
    const text = read(page);
    expect(text).toMatch(
      /^# .+\n\n\*\*Why\.\*\*[\s\S]+\n\*\*Rejected\.\*\*[\s\S]+\n\*\*Costs\.\*\*[\s\S]+\n\*\*Where\.\*\*/,
    );
    expect(text.split("\n").length).toBeLessThanOrEqual(40);
  });
});

function blocks(page: string, language: string): string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm");
  return [...read(page).matchAll(pattern)].map((match) => match[1]!);
}

/** What a command prints, whether it succeeds or not. */
function output(command: () => string): string {
  try {
    return command();
  } catch (error) {
    return (error as { stdout?: string }).stdout ?? String(error);
  }
}
