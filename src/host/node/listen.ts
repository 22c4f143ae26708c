import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AdvectError } from "../../engine/error.ts";
import type { HostPlatform, ListenOptions } from "../contract.ts";
import { checkKey } from "../key-protocol.ts";
import { isLoopback } from "./guard.ts";
import { answerGet } from "./routes.ts";
import { upgrades } from "./upgrades.ts";

/** HTTP and WebSockets on one port. Whoever is refused gets an HTTP status and one line of text that says why. */
export const listen: HostPlatform["listen"] = async (options) => {
  checkSafe(options);
  const { host = "127.0.0.1", timeouts, maxConnections = 256 } = options;
  const door = upgrades({ ...options, host, maxConnections });
  const server = createServer(limits(timeouts.handshakeMs), (request, response) =>
    answerGet(request, response, options),
  );
  server.on("upgrade", door.open);
  server.on("clientError", (_error, stream) => stream.destroy());
  server.maxConnections = maxConnections + 64; // for health checks when all sockets are taken
  const port = await bound(server, { port: options.port, host });
  return {
    url: `ws://${host.includes(":") ? `[${host}]` : host}:${port}`,
    port,
    refuse: door.shut,
    async close() {
      door.shut();
      door.cut();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
};

const limits = (handshakeMs: number) => ({
  headersTimeout: handshakeMs,
  requestTimeout: handshakeMs,
  keepAliveTimeout: handshakeMs,
  connectionsCheckingInterval: Math.min(handshakeMs, 5000),
  maxHeaderSize: 16_384,
});

function checkSafe({ host = "127.0.0.1", apiKey }: ListenOptions): void {
  checkKey(apiKey, "listen");
  if (apiKey !== undefined || isLoopback(host)) return;
  throw new AdvectError("option", "listen", {
    expected: "an API key for an address that other machines reach",
    got: `host ${host} without one`,
    fix: "Give apiKey (--api-key), or listen on 127.0.0.1.",
  });
}

/** The port that the server got. */
function bound(server: Server, { port, host }: { port: number; host: string }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      reject(
        new AdvectError("io", "listen", {
          expected: `to listen on ${host}:${port}`,
          got: cause,
          fix: "Choose another port (--port), or 0 for any that is free.",
        }),
      );
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}
