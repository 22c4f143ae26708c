import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocketServer } from "ws";
import { ndarray } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { listen } from "../../../src/host/index.ts";
import type { PolicySpec } from "../../../src/robot/policy/index.ts";
import { type PolicyClientOptions, policyClient, servePolicy } from "../../../src/robot/serve/index.ts";
import { fields, isFields, pack, unpack } from "../../../src/robot/serve/msgpack/index.ts";
import { arrayOf, packedArray } from "../../../src/robot/serve/wire-array.ts";
import { type ToyOptions, toyPolicy, toySpec } from "./toy-policy.ts";

async function pair(toy: ToyOptions = {}, options: PolicyClientOptions = {}) {
  const policy = toyPolicy(toy);
  const server = await servePolicy({
    policy,
    port: 0,
    batchWaitMs: 0,
    ...(options.apiKey && { apiKey: options.apiKey }),
  });
  onTestFinished(() => server.close());
  const client = await policyClient(server.url, options);
  onTestFinished(() => client[Symbol.dispose]());
  return { policy, server, client };
}

const observation = {
  "observation.state": ndarray(Float32Array.of(1, 2, 3, 4), [2, 2]),
  "observation.image": ndarray(new Float32Array(8), [2, 2, 2, 1]),
};

describe("a policy on the other side of a socket", () => {
  test("has the same spec and gives the same chunks, bit for bit", async () => {
    const { policy, client } = await pair({ noise: 1 });
    expect(client.spec).toEqual(policy.spec);
    const committed = { actions: ndarray(Float32Array.of(7, 8, 9, 10), [2, 2]), delaySteps: 1 };
    for (const request of [
      { observation, key: key("a") },
      { observation, key: key("b") },
      { observation, key: key("b"), committed },
    ]) {
      expect(await client.predict(request)).toEqual(await policy.predict(request));
    }
  });

  test("answers several requests in their order", async () => {
    const { policy, client } = await pair({ noise: 1 });
    const requests = key(1)
      .split(5)
      .map((own) => ({ observation, key: own }));
    expect(await client.predictMany(requests)).toEqual(await policy.predictMany(requests));
  });

  test("sends its key", async () => {
    const { client, server } = await pair({}, { apiKey: "open~sesame" });
    expect((await client.predict({ observation, key: key(0) })).nfe).toBe(5);
    await expect(policyClient(server.url, { apiKey: "other" })).rejects.toThrow("401");
    await expect(policyClient(server.url)).rejects.toThrow("401");
  });

  test("rejects with the server's words, and works again after that", async () => {
    const { client } = await pair();
    const wrong = { ...observation, "observation.image": ndarray(new Float32Array(1), [1]) };
    await expect(client.predict({ observation: wrong, key: key(0) })).rejects.toThrow(
      "an error: observation.image: expected [2,2,1] for one frame",
    );
    expect((await client.predict({ observation, key: key(0) })).actions.shape).toEqual([3, 2]);
  });

  test("gives up when aborted or late, and never takes an old reply for a new one", async () => {
    const holds: (() => void)[] = [];
    const takes = () => new Promise<void>((resolve) => holds.push(resolve));
    const { client } = await pair({ takes }, { replyMs: 200 });
    await expect(client.predict({ observation, key: key(0) })).rejects.toThrow(
      "expected a reply, got none within 200 ms",
    );
    const stop = new AbortController();
    const aborted = client.predict({ observation, key: key(0), signal: stop.signal });
    setTimeout(() => stop.abort(new Error("changed my mind")), 20);
    await expect(aborted).rejects.toThrow("changed my mind");
    const moved = { ...observation, "observation.state": ndarray(Float32Array.of(0, 0, 9, 9), [2, 2]) };
    const last = client.predict({ observation: moved, key: key(0) });
    const release = setInterval(() => {
      for (const go of holds.splice(0)) go();
    }, 10);
    onTestFinished(() => clearInterval(release));
    expect((await last).actions.data[0]).toBe(9);
  });

  test("says that the server has gone, and refuses to work once disposed", async () => {
    const { client, server } = await pair();
    await server.close();
    await expect(client.predict({ observation, key: key(0) })).rejects.toMatchObject({ kind: "io" });
    client[Symbol.dispose]();
    await expect(client.predict({ observation, key: key(0) })).rejects.toThrow("disposed");
  });

  test("has no sessions", async () => {
    const { client } = await pair();
    await expect(client.session({ observation, keys: [key(0)] })).rejects.toMatchObject({
      kind: "unsupported",
    });
  });

  test.each(["http://127.0.0.1", "nowhere", ""])("refuses the address %j", async (url) => {
    await expect(policyClient(url)).rejects.toMatchObject({ kind: "option" });
  });
});

describe("a server that is not advect's", () => {
  /** Sends empty metadata, and the state of the request as the chunk. */
  async function foreign() {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    onTestFinished(() => server.close());
    server.on("connection", (web) => {
      web.send(pack(fields({})));
      web.on("message", (data: Buffer) => {
        const message = unpack(data);
        const state = arrayOf((isFields(message) && message.text.get("observation.state")) || null, "state");
        web.send(pack(fields({ actions: packedArray({ ...state, shape: [1, ...state.shape] }) })));
      });
    });
    await new Promise((resolve) => server.once("listening", resolve));
    return `ws://127.0.0.1:${(server.address() as { port: number }).port}`;
  }

  test("gets the current frame alone, and needs the spec", async () => {
    const url = await foreign();
    await expect(policyClient(url)).rejects.toThrow("policyClient(url, { spec })");
    const spec: PolicySpec = { ...toySpec, horizon: 1, executeSteps: 1 };
    using client = await policyClient(url, { spec });
    expect((await client.predict({ observation, key: key(0) })).actions).toEqual(
      ndarray(Float32Array.of(3, 4), [1, 2]),
    );
  });

  test("that says nothing is given up", async () => {
    const silent = await listen({
      port: 0,
      maxMessageBytes: 100,
      timeouts: { handshakeMs: 1000, heartbeatMs: 1000, sendMs: 50 },
      routes: {},
      onSocket: () => {},
      warn: () => {},
    });
    onTestFinished(() => silent.close());
    await expect(policyClient(silent.url, { connectMs: 50 })).rejects.toThrow("none within 50 ms");
  });
});
