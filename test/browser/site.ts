import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { build } from "vite";

/** A folder of built files on a loopback port. Dispose it: it listens and keeps the files. */
export interface Site extends Disposable {
  readonly url: string;
  /** The paths that were asked for. */
  readonly requests: readonly string[];
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** Without these two a page gets no shared memory, and so no threads in WebAssembly. */
const isolation = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** Builds index.html of this folder as an application would, and serves the result. */
export async function builtSite(): Promise<Site> {
  const root = join(import.meta.dirname, "../..");
  mkdirSync(join(root, ".tmp"), { recursive: true });
  const outDir = mkdtempSync(join(root, ".tmp", "site-"));
  await build({
    configFile: false,
    logLevel: "error",
    root: import.meta.dirname,
    resolve: { conditions: ["advect-source", "module", "browser"] },
    build: { outDir, target: "esnext", emptyOutDir: true },
  });
  const requests: string[] = [];
  const server = createServer(({ url = "/" }, response) => {
    const path = new URL(url, "http://localhost").pathname;
    requests.push(path);
    try {
      const body = readFileSync(join(outDir, path === "/" ? "index.html" : path));
      const type = types[extname(path) || ".html"] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type, ...isolation }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const dispose = () => {
    server.closeAllConnections();
    server.close();
    rmSync(outDir, { recursive: true, force: true });
  };
  return { url: `http://127.0.0.1:${port}/`, requests, [Symbol.dispose]: dispose };
}
