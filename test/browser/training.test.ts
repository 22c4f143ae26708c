import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/engine/runtime/index.ts";
import { losses, names } from "./losses.ts";
import { builtSite, type Site } from "./site.ts";

const steps = 10;
/** Relative, for every device. */
const allowed = 1e-5;
const native = new Map<string, Promise<number[]>>();

function nativeLosses(name: string): Promise<number[]> {
  const known = native.get(name) ?? losses(name, "cpu", steps);
  native.set(name, known);
  return known;
}

/** Equal at every step; and the losses change, so that the gradients count. */
async function expectNative(name: string, got: readonly number[]): Promise<void> {
  const expected = await nativeLosses(name);
  expect(new Set(expected).size).toBe(steps);
  expect(got).toHaveLength(steps);
  got.forEach((loss, step) =>
    expect(Math.abs(loss / expected[step]! - 1), `step ${step}`).toBeLessThan(allowed),
  );
}

test.each(names)("a %s trains in Node.js on wasm as it does natively", async (name) => {
  await expectNative(name, await losses(name, "wasm", steps));
});

const browserPath = process.env.ADVECT_CHROMIUM ?? "/usr/bin/chromium";
const hasBrowser = existsSync(browserPath);
if (!hasBrowser) console.warn(`SKIPPED: training in a browser, since there is no ${browserPath}`);

describe.skipIf(!hasBrowser)("in Chromium", () => {
  let site: Site;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    site = await builtSite();
    const args = ["--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
    browser = await chromium.launch({ executablePath: browserPath, args });
    page = await browser.newPage();
    await page.goto(site.url);
    await page.waitForFunction("globalThis.advectTest");
  });

  afterAll(async () => {
    await browser?.close();
    site?.[Symbol.dispose]();
  });

  const inPage = (name: string, device: Device) =>
    page.evaluate(`advectTest.losses(${JSON.stringify(name)}, "${device}", ${steps})`) as Promise<number[]>;

  test("the page is isolated, so that threads can be had, and loads everything from its own origin", async () => {
    expect(await page.evaluate("advectTest.isolated()")).toBe(true);
    expect(await page.evaluate("advectTest.devices()")).toContain("wasm");
    await inPage(names[0]!, "wasm");
    expect(site.requests.some((path) => path.endsWith(".wasm"))).toBe(true);
    const entries = `performance.getEntriesByType("resource").map(({ name }) => new URL(name).origin)`;
    const origins = new Set((await page.evaluate(entries)) as string[]);
    expect([...origins]).toEqual([new URL(site.url).origin]);
  });

  test.each(names)("a %s trains on wasm as it does natively", async (name) => {
    await expectNative(name, await inPage(name, "wasm"));
  });

  describe("with a WebGPU adapter", () => {
    let offered: Device[] = [];
    beforeAll(async () => {
      offered = (await page.evaluate("advectTest.devices()")) as Device[];
      if (offered.includes("webgpu")) await page.evaluate(`advectTest.hold("webgpu")`);
      else console.warn("SKIPPED: training on WebGPU, since this Chromium has no adapter");
    });

    test.for(names)("a %s trains on WebGPU as it does natively", async (name, context) => {
      context.skip(!offered.includes("webgpu"), "this Chromium has no WebGPU adapter");
      await expectNative(name, await inPage(name, "webgpu"));
    });
  });
});
