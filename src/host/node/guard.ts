import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { ListenOptions } from "../contract.ts";
import { keyOf } from "../key-protocol.ts";

/** Why a request is turned away, as HTTP says it. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly reason: string;
}

type Rules = Pick<ListenOptions, "host" | "apiKey" | "origins">;

/** Whether a request may use the server; undefined when it may. */
export function refusal({ headers }: Pick<IncomingMessage, "headers">, rules: Rules): Refusal | undefined {
  const { origin } = headers;
  if (origin !== undefined && !rules.origins?.includes(origin)) {
    return { status: 403, reason: "pages of this origin may not connect: allow it with `origins`" };
  }
  if (!knownHost(headers.host ?? "", rules)) {
    return { status: 403, reason: "this server is not known by that name" };
  }
  if (rules.apiKey === undefined || same(keyIn(headers), rules.apiKey)) return undefined;
  return { status: 401, reason: "the key is missing or wrong: send Authorization: Api-Key <key>" };
}

/** A page can point a name of its own at this machine, but neither an address nor localhost; and it does not have the key. */
function knownHost(given: string, { host, apiKey }: Rules): boolean {
  if (apiKey !== undefined) return true;
  const name = given
    .replace(/:\d*$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();
  return isIP(name) !== 0 || name === "localhost" || name === host;
}

function keyIn(headers: IncomingHttpHeaders): string {
  const [, key] = /^Api-Key (.+)$/i.exec(headers.authorization ?? "") ?? [];
  return key ?? keyOf(String(headers["sec-websocket-protocol"] ?? "")) ?? "";
}

/** In a time that does not tell how much of the key was right. */
function same(given: string, key: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(key));
}

/** Whether only programs of this machine reach an address. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host);
