import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { ListenOptions } from "../contract.ts";
import { protocolName } from "../key-protocol.ts";
import { refusal } from "./guard.ts";
import { peerSocket } from "./peer.ts";

/** Where requests become sockets, or are turned away. */
export interface Upgrades {
  open(request: IncomingMessage, stream: Duplex, head: Buffer): void;
  /** Lets no one in any more. */
  shut(): void;
  /** Ends all that came in. */
  cut(): void;
}

type Options = ListenOptions & Required<Pick<ListenOptions, "host" | "maxConnections">>;

export function upgrades(options: Options): Upgrades {
  const { maxConnections, timeouts, warn } = options;
  const streams = new Set<Duplex>();
  let socketCount = 0;
  let shut = false;
  const upgrader = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: options.maxMessageBytes,
    handleProtocols: (offered) => offered.has(protocolName) && protocolName,
  });
  const turnAway = (request: IncomingMessage, stream: Duplex, { status, reason }: Rejection) => {
    warn(`refused ${peerOf(request)}: ${reason}`);
    respond(stream, { status, reason });
  };
  upgrader.on("wsClientError", ({ message }, stream, request) =>
    turnAway(request, stream, { status: 400, reason: message }),
  );
  const busy = (): Rejection | undefined => {
    if (shut) return { status: 503, reason: "the server is shutting down" };
    if (socketCount < maxConnections) return undefined;
    return { status: 503, reason: `${maxConnections} clients are connected already` };
  };
  return {
    open(request, stream, head) {
      streams.add(stream);
      stream.on("error", () => stream.destroy());
      stream.on("close", () => streams.delete(stream));
      const refused = busy() ?? refusal(request, options);
      if (refused) return turnAway(request, stream, refused);
      upgrader.handleUpgrade(request, stream, head, (web) => {
        socketCount++;
        web.on("close", () => socketCount--);
        options.onSocket(peerSocket(web, { peer: peerOf(request), timeouts }));
      });
    },
    shut() {
      shut = true;
    },
    cut() {
      for (const stream of streams) stream.destroy();
    },
  };
}

interface Rejection {
  readonly status: number;
  readonly reason: string;
}

const peerOf = ({ socket }: IncomingMessage) => `${socket.remoteAddress}:${socket.remotePort}`;

function respond(stream: Duplex, { status, reason }: Rejection): void {
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
