import { AdvectError } from "../engine/error.ts";
import type { ConnectOptions, Message, Socket, SocketEnd } from "./contract.ts";
import { deferred } from "./deferred.ts";
import { mailbox } from "./mailbox.ts";

/** What the WebSocket of browsers and that of Node.js packages have in common. */
export interface WebSocketLike {
  binaryType: string;
  send(message: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open", take: () => void): void;
  addEventListener(type: "error", take: (event: { readonly message?: string }) => void): void;
  addEventListener(type: "close", take: (event: SocketEnd) => void): void;
  addEventListener(type: "message", take: (event: { readonly data: unknown }) => void): void;
}

/** Throws "option" unless `url` is a WebSocket's address. */
export function checkedUrl(url: string): string {
  if (URL.canParse(url) && ["ws:", "wss:"].includes(new URL(url).protocol)) return url;
  throw new AdvectError("option", "connect", {
    expected: "an address such as ws://127.0.0.1:8000",
    got: url,
  });
}

/** The socket of a client, once it is open. Rejects with "io". */
export function opened(
  url: string,
  web: WebSocketLike,
  { connectMs }: Pick<ConnectOptions, "connectMs">,
): Promise<Socket> {
  web.binaryType = "arraybuffer";
  const messages = mailbox<Message>();
  const end = deferred<SocketEnd>();
  let over = false;
  web.addEventListener("message", ({ data }) => {
    messages.put(typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer));
  });
  return new Promise((resolve, reject) => {
    let why = "no answer";
    const timer = setTimeout(() => {
      why = `no connection within ${connectMs} ms`;
      web.close();
    }, connectMs);
    web.addEventListener("error", ({ message }) => (why = message || why));
    web.addEventListener("close", ({ code, reason }) => {
      over = true;
      clearTimeout(timer);
      end.resolve({ code, reason });
      reject(unreachable(url, why));
    });
    web.addEventListener("open", () => {
      clearTimeout(timer);
      resolve({
        peer: url,
        async send(message) {
          if (over) throw gone(url);
          web.send(message as string | Uint8Array<ArrayBuffer>);
        },
        close: (code, reason) => web.close(code, reason),
        onMessage: messages.open,
        ended: end.promise,
      });
    });
  });
}

function unreachable(url: string, why: string): AdvectError {
  return new AdvectError("io", "connect", {
    expected: `a server at ${url}`,
    got: why,
    fix: "Check that it runs (advect serve), its address, and the key it asks for.",
  });
}

/** The error of sending to a socket that has ended. */
export function gone(peer: string): AdvectError {
  return new AdvectError("io", "socket.send", {
    expected: `${peer} to listen`,
    got: "a socket that has ended",
  });
}
