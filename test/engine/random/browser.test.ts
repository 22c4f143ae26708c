import { existsSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { build } from "vite";
import { expect, test } from "vitest";
import { draws } from "./browser-draws.ts";

const browserPath = process.env.ADVECT_CHROMIUM ?? "/usr/bin/chromium";

test.skipIf(!existsSync(browserPath))(
  "Chromium's main thread draws the bits that Node.js draws",
  async () => {
    const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
    try {
      const page = await browser.newPage();
      await page.addScriptTag({ content: await bundle("browser-draws.ts") });
      const inBrowser = await page.evaluate("advectTest.draws()");
      expect(inBrowser).toEqual(draws());
    } finally {
      await browser.close();
    }
  },
);

/** One script with the web twins inside, whose exports are the global `advectTest`. */
async function bundle(name: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["advect-source", "browser"] },
    build: {
      write: false,
      lib: { entry: join(import.meta.dirname, name), formats: ["iife"], name: "advectTest" },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (!output || !("output" in output)) throw new Error("vite watched instead of building");
  return output.output[0].code;
}
