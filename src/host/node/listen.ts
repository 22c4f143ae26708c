import { createServer, type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { AdvectError } from "../../engine/error.ts";
import type { HostPlatform, ListenOptions } from "../contract.ts";
import { checkKey, protocolName } from "../key-protocol.ts";
import { isLoopback, refusal } from "./guard.ts";
import { peerSocket } from "./peer.ts";
import { answerGet } from "./routes.ts";

/** HTTP and WebSockets on one port. Whoever is refused gets an HTTP status and one line of text that says why. */
export const listen: HostPlatform["listen"] = async (options) => {
  const { host = "127.0.0.1", timeouts, maxConnections = 256 } = options;
  checkSafe(options);
  const streams = new Set<Duplex>();
  let socketCount = 0;
  const upgrader = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: options.maxMessageBytes,
    handleProtocols: (offered) => offered.has(protocolName) && protocolName,
  });
  let refusing = false;
  const server = createServer(limits(timeouts.handshakeMs), (request, response) =>
    answerGet(request, response, options),
  );
  const reject = (request: IncomingMessage, stream: Duplex, { status, reason }: Rejection) => {
    options.warn(`refused ${peerOf(request)}: ${reason}`);
    turnAway(stream, { status, reason });
  };
  server.on("upgrade", (request, stream, head) => {
    streams.add(stream);
    stream.on("error", () => stream.destroy());
    stream.on("close", () => streams.delete(stream));
    if (refusing) return reject(request, stream, { status: 503, reason: "the server is shutting down" });
    if (socketCount >= maxConnections) {
      return reject(request, stream, {
        status: 503,
        reason: `${maxConnections} clients are connected already`,
      });
    }
    const refused = refusal(request, { ...options, host });
    if (refused) return reject(request, stream, refused);
    upgrader.handleUpgrade(request, stream, head, (web) => {
      socketCount++;
      web.on("close", () => socketCount--);
      options.onSocket(peerSocket(web, { peer: peerOf(request), timeouts }));
    });
  });
  upgrader.on("wsClientError", ({ message }, stream, request) =>
    reject(request, stream, { status: 400, reason: message }),
  );
  server.on("clientError", (_error, stream) => stream.destroy());
  server.maxConnections = maxConnections + 64;
  const port = await bound(server, { port: options.port, host });
  return {
    url: `ws://${host.includes(":") ? `[${host}]` : host}:${port}`,
    port,
    refuse() {
      refusing = true;
    },
    async close() {
      refusing = true;
      for (const stream of streams) stream.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
};

interface Rejection {
  readonly status: number;
  readonly reason: string;
}

const limits = (handshakeMs: number) => ({
  headersTimeout: handshakeMs,
  requestTimeout: handshakeMs,
  keepAliveTimeout: handshakeMs,
  connectionsCheckingInterval: Math.min(handshakeMs, 5000),
  maxHeaderSize: 16_384,
});

const peerOf = ({ socket }: IncomingMessage) => `${socket.remoteAddress}:${socket.remotePort}`;

function turnAway(stream: Duplex, { status, reason }: Rejection): void {
  const body = `${reason}\n`;
  stream.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      "Connection: close",
      "Content-Type: text/plain; charset=utf-8",
      `Content-Length: ${Buffer.byteLength(body)}`,
      "",
      body,
    ].join("\r\n"),
    () => stream.destroy(),
  );
}

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
