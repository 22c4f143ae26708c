import type { IncomingMessage, ServerResponse } from "node:http";
import type { ListenOptions } from "../contract.ts";
import { refusal } from "./guard.ts";

/** GET and HEAD of the routes; 404 for other paths, 405 for other methods. */
export function answerGet(request: IncomingMessage, response: ServerResponse, options: ListenOptions): void {
  const reply = replyTo(request, options);
  response.writeHead(reply.status, {
    "Content-Type": reply.type,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...(reply.status === 405 && { Allow: "GET, HEAD" }),
    ...(reply.status >= 400 && { Connection: "close" }),
  });
  response.end(request.method === "HEAD" ? undefined : reply.body);
  request.resume();
}

function replyTo(request: IncomingMessage, options: ListenOptions) {
  const path = (request.url ?? "/").replace(/\?.*$/s, "");
  const route = Object.hasOwn(options.routes, path) ? options.routes[path] : undefined;
  if (!route) return text(404, "nothing here");
  if (request.method !== "GET" && request.method !== "HEAD") return text(405, "only GET");
  const refused = route.open ? undefined : refusal(request, { host: "127.0.0.1", ...options });
  return refused ? text(refused.status, refused.reason) : route.respond();
}

const text = (status: number, body: string) => ({
  status,
  type: "text/plain; charset=utf-8",
  body: `${body}\n`,
});
