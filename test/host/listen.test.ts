import { connect as dial, type Socket as NetSocket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { connect, type ListenOptions, listen, type Socket } from "../../src/host/index.ts";
import { keyOf, keyProtocol, protocolName } from "../../src/host/key-protocol.ts";

async function listening(options: Partial<ListenOptions> = {}) {
  const sockets: Socket[] = [];
  const warnings: string[] = [];
  const listener = await listen({
    port: 0,
    maxMessageBytes: 1024,
    timeouts: { handshakeMs: 300, heartbeatMs: 10_000, sendMs: 300 },
    routes: {
      "/healthz": { open: true, respond: () => ({ status: 200, type: "text/plain", body: "OK\n" }) },
      "/secret": { respond: () => ({ status: 200, type: "text/plain", body: "42" }) },
    },
    onSocket: (socket) => void sockets.push(socket),
    warn: (line) => void warnings.push(line),
    ...options,
  });
  onTestFinished(() => listener.close());
  return { ...listener, sockets, warnings, http: listener.url.replace("ws:", "http:") };
}

/** "open", or the status that refuses. */
function attempt(
  url: string,
  headers: Record<string, string> = {},
  protocols: string[] = [],
): Promise<string> {
  const web = new WebSocket(url, protocols, { headers });
  onTestFinished(() => web.terminate());
  return new Promise((resolve) => {
    web.on("open", () => resolve(`open ${web.protocol}`.trim()));
    web.on("error", ({ message }) => resolve(message.replace("Unexpected server response: ", "")));
  });
}

/** Bytes over TCP, for clients that speak badly. */
function raw(port: number, text: string): NetSocket {
  const stream = dial(port, "127.0.0.1", () => stream.write(text));
  stream.on("error", () => {});
  onTestFinished(() => void stream.destroy());
  return stream;
}

const upgrade = [
  "GET / HTTP/1.1",
  "Host: localhost",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "",
  "",
].join("\r\n");

const ended = (stream: NetSocket) =>
  new Promise<string>((resolve) => {
    let text = "";
    stream.on("data", (data) => (text += data.toString("latin1")));
    stream.on("close", () => resolve(text));
  });

describe("who may connect", () => {
  test("programs of this machine, by any name that no page can take", async () => {
    const { url, port } = await listening();
    expect(await attempt(url)).toBe("open");
    for (const host of [`localhost:${port}`, `0.0.0.0:${port}`, "[::1]"]) {
      expect(await attempt(url, { Host: host })).toBe("open");
    }
    expect(await attempt(url, { Host: `rebound.example:${port}` })).toBe("403");
  });

  test("no page of another origin, unless it is allowed", async () => {
    const { url, warnings } = await listening({ origins: ["http://localhost:5173"] });
    expect(await attempt(url, { Origin: "http://localhost:5173" })).toBe("open");
    expect(await attempt(url, { Origin: "https://evil.example" })).toBe("403");
    expect(await attempt(url, { Origin: "null" })).toBe("403");
    expect(warnings[0]).toMatch(/^refused .+: pages of this origin may not connect/);
  });

  test("who knows the key, in a header or, from pages, in a subprotocol", async () => {
    const { url } = await listening({ apiKey: "se~same" });
    expect(await attempt(url, { Authorization: "Api-Key se~same" })).toBe("open");
    expect(await attempt(url, {}, [protocolName, keyProtocol("se~same")])).toBe("open advect");
    expect(await attempt(url)).toBe("401");
    expect(await attempt(url, { Authorization: "Api-Key sesame" })).toBe("401");
    expect(await attempt(url, { Authorization: "Api-Key " })).toBe("401");
    expect(await attempt(url, {}, [protocolName, keyProtocol("sesame")])).toBe("401");
  });

  test("as many as there is room for", async () => {
    const { url, sockets } = await listening({ maxConnections: 2 });
    const [first] = [await connect(url, limits), await connect(url, limits)];
    expect(await attempt(url)).toBe("503");
    first!.close(1000, "");
    await sockets[0]!.ended;
    expect(await attempt(url)).toBe("open");
  });

  test("nobody from elsewhere without a key", async () => {
    await expect(listening({ host: "0.0.0.0" })).rejects.toThrow(
      "an API key for an address that other machines reach",
    );
    for (const apiKey of ["", "a b", "sésame"]) {
      await expect(listening({ apiKey })).rejects.toMatchObject({ kind: "option" });
    }
    expect(await attempt((await listening({ host: "0.0.0.0", apiKey: "k" })).url)).toBe("401");
  });
});

const limits = { maxMessageBytes: 1e6, connectMs: 2000 };

describe("HTTP", () => {
  test("answers GET of its routes, and no other", async () => {
    const { http } = await listening({ apiKey: "k" });
    expect(await (await fetch(`${http}/healthz?x=1`)).text()).toBe("OK\n");
    expect((await fetch(`${http}/secret`)).status).toBe(401);
    expect(await (await fetch(`${http}/secret`, { headers: { Authorization: "Api-Key k" } })).text()).toBe(
      "42",
    );
    expect((await fetch(`${http}/__proto__`)).status).toBe(404);
    expect((await fetch(`${http}/healthz`, { method: "POST", body: "x" })).status).toBe(405);
    expect((await fetch(`${http}/healthz`, { headers: { Origin: "https://evil.example" } })).status).toBe(
      200,
    );
  });

  test("cuts off who does not finish its headers", async () => {
    const { port } = await listening();
    expect(await ended(raw(port, "GET / HTTP/1.1\r\nHost: lo"))).toMatch(/^(HTTP\/1.1 408.*)?$/s);
  });

  test("survives what is no HTTP, and a WebSocket of another version", async () => {
    const { port, http } = await listening();
    await ended(raw(port, "\x16\x03\x01 hello\r\n\r\n"));
    expect(await ended(raw(port, upgrade.replace("Version: 13", "Version: 99")))).toContain("400");
    expect((await fetch(`${http}/healthz`)).status).toBe(200);
  });
});

describe("a socket", () => {
  test("passes messages on in their kind", async () => {
    const { url, sockets } = await listening();
    const client = await connect(url, limits);
    const [server] = sockets;
    const got: unknown[] = [];
    server!.onMessage((message) => got.push(message));
    await client.send("text");
    await client.send(new Uint8Array([1, 2]));
    await expect.poll(() => got).toEqual(["text", Buffer.from([1, 2])]);
    client.close(1000, "done");
    expect(await server!.ended).toEqual({ code: 1000, reason: "done" });
    await expect(server!.send("more")).rejects.toThrow("a socket that has ended");
  });

  test("keeps messages that come before anyone listens", async () => {
    const { url } = await listening({ onSocket: (socket) => void socket.send("early") });
    const client = await connect(url, limits);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await new Promise((resolve) => client.onMessage(resolve))).toBe("early");
  });

  test("ends with 1009 for a message above the limit, before it is read", async () => {
    const { url, sockets } = await listening();
    const client = await connect(url, limits);
    await client.send(new Uint8Array(1025));
    expect((await client.ended).code).toBe(1009);
    expect((await sockets[0]!.ended).reason).toContain("Max payload size exceeded");
  });

  test("ends for frames that break the protocol", async () => {
    const { port, sockets } = await listening();
    const stream = raw(port, upgrade);
    await expect.poll(() => sockets.length).toBe(1);
    stream.write(Buffer.from([0x82, 0x01, 0x00])); // not masked
    expect((await sockets[0]!.ended).reason).toContain("MASK must be set");
  });

  test("is cut off when its peer answers no ping", async () => {
    const timeouts = { handshakeMs: 300, heartbeatMs: 40, sendMs: 300 };
    const { url, port, sockets } = await listening({ timeouts });
    await connect(url, limits);
    raw(port, upgrade);
    await expect.poll(() => sockets.length).toBe(2);
    expect((await sockets[1]!.ended).reason).toBe("no answer to a ping in 40 ms");
    await sockets[0]!.send("still here");
  });

  test("is cut off when its peer does not read, and the sender is told", async () => {
    const { port, sockets } = await listening();
    const stream = raw(port, upgrade);
    await expect.poll(() => sockets.length).toBe(1);
    stream.pause();
    const large = new Uint8Array(64 * 2 ** 20);
    await expect(sockets[0]!.send(large)).rejects.toThrow("a socket that has ended");
    expect((await sockets[0]!.ended).reason).toBe("did not read a reply in 300 ms");
  });

  test("ends also when its peer does not answer the goodbye", async () => {
    const { port, sockets } = await listening();
    raw(port, upgrade);
    await expect.poll(() => sockets.length).toBe(1);
    sockets[0]!.close(1001, "é".repeat(100));
    expect((await sockets[0]!.ended).reason).toBe("é".repeat(100));
  });
});

describe("the port", () => {
  test("that is taken is an error", async () => {
    const { port } = await listening();
    await expect(listening({ port })).rejects.toThrow("Choose another port");
  });

  test("is free again after close, which ends all sockets", async () => {
    const first = await listening();
    const client = await connect(first.url, limits);
    await first.close();
    await client.ended;
    await listening({ port: first.port });
    await expect(connect("ws://127.0.0.1:1", limits)).rejects.toMatchObject({ kind: "io" });
  });
});

test("a key survives the way through a subprotocol, whatever it is made of", () => {
  for (const key of ["", "k", "a,b c", "sésame ✓"]) expect(keyOf(`advect, ${keyProtocol(key)}`)).toBe(key);
  expect(keyOf("advect, advect.key.zz")).toBeUndefined();
});
