import { AdvectError } from "../engine/error.ts";

/** Throws "option" unless a header can carry the key: printable ASCII, no spaces. */
export function checkKey(apiKey: string | undefined, where: string): void {
  if (apiKey === undefined || /^[!-~]{1,1024}$/.test(apiKey)) return;
  throw new AdvectError("option", `${where}: apiKey`, {
    expected: "1 to 1024 printable ASCII characters without spaces",
    got: "others",
  });
}

/** The subprotocol of sockets whose client names one. */
export const protocolName = "advect";

const prefix = "advect.key.";

/** A key as a subprotocol, which is all that a page in a browser can send along: hexadecimal. */
export function keyProtocol(apiKey: string): string {
  const bytes = new TextEncoder().encode(apiKey);
  return prefix + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The key among subprotocols that a client offers. */
export function keyOf(protocols: string): string | undefined {
  const word = protocols.split(/\s*,\s*/).find((name) => name.startsWith(prefix));
  const digits = word?.slice(prefix.length);
  if (digits === undefined || !/^([0-9a-f]{2})*$/.test(digits)) return undefined;
  return new TextDecoder().decode(Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16)));
}
