import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";

const path = process.env.ADVECT_CHROMIUM ?? "/usr/bin/chromium";

export const browserPath: string | undefined = existsSync(path) ? path : undefined;

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** Opens index.html of a folder and returns what its promise `globalThis.result` becomes. */
export async function resultOf(folder: string): Promise<unknown> {
  const server = serve(folder);
  await new Promise((done) => server.listen(0, "127.0.0.1", () => done(undefined)));
  const { port } = server.address() as AddressInfo;
  const browser = await chromium.launch({ executablePath: browserPath!, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    await page.goto(`http://127.0.0.1:${port}/index.html`);
    const result = await page
      .evaluate("globalThis.result")
      .catch((error: unknown) => ({ error: `${error}` }));
    return problems.length > 0 ? { problems, result } : result;
  } finally {
    await browser.close();
    server.close();
  }
}

function serve(folder: string): Server {
  return createServer((request, response) => {
    const file = join(folder, new URL(request.url ?? "/", "http://localhost").pathname);
    if (!existsSync(file)) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" });
    response.end(readFileSync(file));
  });
}
