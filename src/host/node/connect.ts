import { WebSocket } from "ws";
import { checkedUrl, opened } from "../client-socket.ts";
import type { HostPlatform } from "../contract.ts";
import { checkKey } from "../key-protocol.ts";

/** By the package ws: Node.js 20 has no WebSocket of its own. */
export const connect: HostPlatform["connect"] = async (url, { apiKey, maxMessageBytes, connectMs }) => {
  checkKey(apiKey, "connect");
  const web = new WebSocket(checkedUrl(url), {
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
    ...(apiKey !== undefined && { headers: { Authorization: `Api-Key ${apiKey}` } }),
  });
  return opened(url, web, { connectMs });
};
