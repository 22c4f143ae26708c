import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { build } from "vite";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { servePolicy } from "../../../src/robot/serve/index.ts";
import { toyPolicy } from "./toy-policy.ts";

const browserPath = process.env.ADVECT_CHROMIUM ?? "/usr/bin/chromium";
const hasBrowser = existsSync(browserPath);
if (!hasBrowser) console.warn(`SKIPPED: a policy client in a browser, since there is no ${browserPath}`);

let script: string;
beforeAll(async () => {
  script = await bundled();
});

/** page.ts as one script, as a bundler makes it for browsers. */
async function bundled(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["advect-source", "module", "browser"] },
    build: {
      write: false,
      target: "es2022",
      minify: false,
      lib: { entry: join(import.meta.dirname, "page.ts"), formats: ["es"], fileName: "page" },
    },
  });
  const [{ output }] = result as unknown as [{ output: { code: string }[] }];
  return output[0]!.code;
}

/** A page with the script, and its origin. */
async function page(script: string): Promise<string> {
  const server = createServer(({ url }, response) => {
    const isScript = url === "/page.js";
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" });
    response.end(isScript ? script : '<script type="module" src="page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a bundle for browsers has nothing of Node.js in it", () => {
  expect(script).not.toMatch(/node:|from "ws"|WebSocketServer|createHash/);
});

test.skipIf(!hasBrowser)(
  "a page that is allowed gets actions, with its key; others are refused",
  async () => {
    const [allowed, other] = [await page(script), await page(script)];
    const server = await servePolicy({ policy: toyPolicy(), port: 0, apiKey: "k", origins: [allowed] });
    onTestFinished(() => server.close());
    const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
    onTestFinished(() => browser.close());
    const asked = async (origin: string, call: string) => {
      const tab = await browser.newPage();
      await tab.goto(origin);
      await tab.waitForFunction("globalThis.advectTest");
      return tab.evaluate(`advectTest.${call}`);
    };
    const ask = (key: string) => `ask("${server.url}", "${key}")`;
    expect(await asked(allowed, ask("k"))).toEqual([103, 204, 104, 205, 105, 206]);
    expect(await asked(allowed, ask("wrong"))).toContain("AdvectError: connect: expected a server at");
    expect(await asked(other, ask("k"))).toContain("AdvectError: connect: expected a server at");
    expect(await asked(allowed, "serve()")).toContain("AdvectError: listen: expected Node.js, got a browser");
  },
);
