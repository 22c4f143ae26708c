import { checkedUrl, opened } from "../client-socket.ts";
import type { HostPlatform } from "../contract.ts";
import { checkKey, keyProtocol, protocolName } from "../key-protocol.ts";

/** By the browser's own WebSocket; pages cannot set headers, so the key goes along as a subprotocol. */
export const connect: HostPlatform["connect"] = async (url, { apiKey, connectMs }) => {
  checkKey(apiKey, "connect");
  const protocols = apiKey === undefined ? [] : [protocolName, keyProtocol(apiKey)];
  return opened(url, new WebSocket(checkedUrl(url), protocols), { connectMs });
};
