import type { WebSocket } from "ws";
import { gone } from "../client-socket.ts";
import type { HostTimeouts, Message, Socket, SocketEnd } from "../contract.ts";
import { deferred } from "../deferred.ts";
import { mailbox } from "../mailbox.ts";

/** The server's end: pings, and cuts off who does not answer or does not read. */
export function peerSocket(
  web: WebSocket,
  { peer, timeouts }: { readonly peer: string; readonly timeouts: HostTimeouts },
): Socket {
  const { heartbeatMs, sendMs } = timeouts;
  const messages = mailbox<Message>();
  const end = deferred<SocketEnd>();
  let fault = "";
  let alive = true;
  const cut = (why: string) => {
    fault ||= why;
    web.terminate();
  };
  const heartbeat = setInterval(() => {
    if (!alive) return cut(`no answer to a ping in ${heartbeatMs} ms`);
    alive = false;
    web.ping();
  }, heartbeatMs);
  web.on("pong", () => (alive = true));
  const leave = () => setTimeout(() => web.terminate(), sendMs).unref();
  web.on("error", ({ message }) => {
    fault ||= message;
    leave();
  });
  web.on("message", (data: Buffer, isBinary: boolean) => {
    alive = true;
    messages.put(isBinary ? data : data.toString("utf8"));
  });
  web.on("close", (code, reason) => {
    clearInterval(heartbeat);
    end.resolve({ code, reason: fault || reason.toString("utf8") });
  });
  return {
    peer,
    send: (message) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => cut(`did not read a reply in ${sendMs} ms`), sendMs);
        web.send(message, (error) => {
          clearTimeout(timer);
          // a write that a cut-off interrupts is reported as done
          if (error || web.readyState !== web.OPEN) reject(gone(peer));
          else resolve();
        });
      }),
    close(code, reason) {
      fault ||= reason;
      web.close(code, shortened(reason));
      leave();
    },
    onMessage: messages.open,
    ended: end.promise,
  };
}

/** A reason that fits into the 123 bytes of a goodbye. */
function shortened(reason: string): string {
  const bytes = new TextEncoder().encode(reason);
  if (bytes.length <= 123) return reason;
  return `${new TextDecoder().decode(bytes.subarray(0, 117)).replace(/\uFFFD+$/, "")}…`;
}
