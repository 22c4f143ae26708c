import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { ndarray } from "../../../src/engine/array/index.ts";
import { systemClock } from "../../../src/engine/clock.ts";
import type { PolicySpec } from "../../../src/robot/policy/index.ts";
import { type ServeOptions, servePolicy } from "../../../src/robot/serve/index.ts";
import { fields, isFields, pack } from "../../../src/robot/serve/msgpack/index.ts";
import { packedArray } from "../../../src/robot/serve/wire-array.ts";
import { actionsOf, packedFrame, rawClient, toyFrame } from "./raw-client.ts";
import { toyPolicy, toySpec } from "./toy-policy.ts";

async function serving(options: Partial<ServeOptions> = {}) {
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const server = await servePolicy({ policy: toyPolicy(), port: 0, batchWaitMs: 0, log, ...options });
  onTestFinished(() => server.close());
  return { ...server, lines, healthz: () => fetch(`http://127.0.0.1:${server.port}/healthz`) };
}

/** A policy whose evaluations wait until they are let go; from then on they take no time. */
function gated() {
  let open = () => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  const policy = toyPolicy({ takes: () => gate });
  return { policy, open, started: () => expect.poll(() => policy.batches.length).toBe(1) };
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("servePolicy", () => {
  test("sends metadata first: the spec and the limit of messages", async () => {
    const { url } = await serving({ metadata: { reset_pose: [0, 1] } });
    const { metadata } = await rawClient(url);
    const { text } = isFields(metadata) ? metadata : fields({});
    expect(text.get("reset_pose")).toEqual([0, 1]);
    const own = text.get("advect");
    const spec = isFields(own) ? own.text.get("spec") : undefined;
    expect(isFields(spec) && spec.text.get("horizon")).toBe(3);
  });

  test("answers a frame with float32 actions [horizon, dimensions] and timings", async () => {
    const { url } = await serving();
    const client = await rawClient(url);
    const reply = await client.infer(toyFrame(1, 2));
    expect(actionsOf(reply)).toEqual(ndarray(Float32Array.of(101, 202, 102, 203, 103, 204), [3, 2]));
    const timing = reply.server_timing;
    expect(isFields(timing) && timing.text.get("infer_ms")).toBeGreaterThanOrEqual(0);
    expect(isFields(timing) && timing.text.has("prev_total_ms")).toBe(false);
    const second = (await client.infer(toyFrame(1, 2))).server_timing;
    expect(isFields(second) && second.text.get("prev_total_ms")).toBeGreaterThan(0);
  });

  test("writes the reply byte for byte as openpi's decoder wants it: arrays under binary keys", async () => {
    const { url } = await serving();
    const client = await rawClient(url);
    client.web.send(packedFrame(toyFrame(1, 2)));
    const reply = Buffer.from((await client.next()) as Uint8Array);
    const actions = Buffer.from(Float32Array.of(101, 202, 102, 203, 103, 204).buffer).toString("hex");
    const hex = (text: string) => Buffer.from(text).toString("hex");
    expect(reply.toString("hex")).toContain(
      `a7${hex("actions")}84c40b${hex("__ndarray__")}c3c404${hex("data")}c418${actions}` +
        `c405${hex("dtype")}a3${hex("<f4")}c405${hex("shape")}920302`,
    );
  });

  test("keeps the history of every client by itself, until reset", async () => {
    const { url } = await serving();
    const [one, other] = [await rawClient(url), await rawClient(url)];
    const first = async (client: typeof one, frame: Parameters<typeof one.infer>[0]) =>
      actionsOf(await client.infer(frame)).data[0];
    expect(await first(one, toyFrame(1, 0))).toBe(101);
    expect(await first(other, toyFrame(7, 0))).toBe(707);
    expect(await first(one, toyFrame(2, 0))).toBe(102);
    expect(await first(one, toyFrame(3, 0))).toBe(203);
    expect(await first(one, { ...toyFrame(4, 0), "advect/reset": true })).toBe(404);
  });

  test("takes all frames as they are", async () => {
    const { url } = await serving();
    const client = await rawClient(url);
    const whole = {
      "observation.state": packedArray(ndarray(Float64Array.of(5, 0, 6, 0), [2, 2])),
      "observation.image": packedArray(ndarray(new Uint8Array(8), [2, 2, 2, 1])),
      prompt: "push the block",
    };
    expect(actionsOf(await client.infer(whole)).data[0]).toBe(506);
  });

  test("draws other noise for every request, and the same for the same server", async () => {
    const draws = async () => {
      const { url } = await serving({ policy: toyPolicy({ noise: 1 }) });
      const client = await rawClient(url);
      const reply = async () => actionsOf(await client.infer(toyFrame(0, 0))).data[0];
      return [await reply(), await reply()];
    };
    const [first, second] = await draws();
    expect(first).not.toBe(second);
    expect(await draws()).toEqual([first, second]);
  });
});

const wrong = {
  "a shape of another length": {
    ...toyFrame(0, 0),
    "observation.state": packedArray(ndarray(new Float32Array(3), [3])),
  },
  "one frame beside all": {
    ...toyFrame(0, 0),
    "observation.image": packedArray(ndarray(new Uint8Array(8), [2, 2, 2, 1])),
  },
  "a list": { ...toyFrame(0, 0), "observation.state": [1, 2] },
  NaN: { ...toyFrame(Number.NaN, 0) },
  "no image": { "observation.state": toyFrame(0, 0)["observation.state"] },
  "a key of text": { ...toyFrame(0, 0), "advect/key": "seed" },
  "promises of other dimensions": {
    ...toyFrame(0, 0),
    "advect/committed": packedArray(ndarray(new Float32Array(3), [1, 3])),
  },
};

const said: Record<keyof typeof wrong, string> = {
  "a shape of another length":
    "observation.state: expected [2] for one frame, or [2,2] for all, in every feature alike, got [3].",
  "one frame beside all":
    "observation.image: expected [2,2,1] for one frame, or [2,2,2,1] for all, in every feature alike, got [2,2,2,1].",
  "a list": "observation.state: expected an array of numbers, got a list (numpy.asarray makes it an array).",
  NaN: "observation.state: expected finite numbers, got NaN at element 0.",
  "no image":
    "observation: expected the feature observation.image, got only observation.state. Send every feature that the metadata names.",
  "a key of text": "advect/key: expected a list of four integers, got a string.",
  "promises of other dimensions": "advect/committed: expected [count, 2], got [1,3].",
};

describe("a client at fault gets one error of text and the end, and others none:", () => {
  test.each(Object.entries(wrong))("%s", async (name, frame) => {
    const { url } = await serving();
    const [bystander, client] = [await rawClient(url), await rawClient(url)];
    client.web.send(packedFrame(frame));
    expect(await client.next()).toBe(said[name as keyof typeof wrong]);
    expect((await client.ended).code).toBe(1007);
    expect(actionsOf(await bystander.infer(toyFrame(1, 0))).data[0]).toBe(101);
  });

  test("text in the place of bytes", async () => {
    const { url } = await serving();
    const client = await rawClient(url);
    client.web.send("{}");
    expect(await client.next()).toContain("expected binary messages");
    expect((await client.ended).code).toBe(1003);
  });

  test("a message above the limit, which is not even read", async () => {
    const { url, lines } = await serving({ maxMessageBytes: 4096 });
    const [bystander, client] = [await rawClient(url), await rawClient(url)];
    client.web.send(new Uint8Array(5000));
    expect((await client.ended).code).toBe(1009);
    expect(lines.join("\n")).toContain("Max payload size exceeded");
    expect(actionsOf(await bystander.infer(toyFrame(1, 0))).data[0]).toBe(101);
  });

  test("replies that are not read, however often it asks", async () => {
    const spec: PolicySpec = { ...toySpec, horizon: 500_000 };
    const server = await serving({ policy: toyPolicy({ spec }), timeouts: { sendMs: 300 } });
    const client = await rawClient(server.url);
    client.web.pause();
    let sent = 0;
    const nudge = setInterval(() => {
      if (server.statistics().requests === sent && sent < 20) {
        sent++;
        client.web.send(packedFrame(toyFrame(1, 0)));
      }
    }, 20);
    onTestFinished(() => clearInterval(nudge));
    const cut = () => server.lines.some((line) => line.includes("did not read a reply in 300 ms"));
    await expect.poll(cut, { timeout: 20_000 }).toBe(true);
    expect(server.statistics().clients).toEqual([]);
    const bystander = await rawClient(server.url);
    expect(actionsOf(await bystander.infer(toyFrame(1, 0))).data[0]).toBe(101);
  });

  test("many requests at once", async () => {
    const { url } = await serving({ policy: toyPolicy({ takes: () => pause(50) as Promise<void> }) });
    const client = await rawClient(url);
    for (let i = 0; i < 5; i++) client.web.send(packedFrame(toyFrame(i, 0)));
    expect(await client.next()).toContain("expected one request at a time");
    expect((await client.ended).code).toBe(1008);
  });

  test("bytes of any kind", async () => {
    const { url } = await serving();
    const bystander = await rawClient(url);
    const valid = packedFrame(toyFrame(1, 2));
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .record({ at: fc.nat(valid.length - 1), byte: fc.nat(255) })
        .map(({ at, byte }) => valid.with(at, byte)),
      fc.nat(valid.length - 1).map((length) => valid.slice(0, length)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (message) => {
        const client = await rawClient(url);
        client.web.send(message);
        const reply = await client.next();
        if (typeof reply === "string") {
          expect(reply).toMatch(/expected .+, got .+\./s);
          expect((await client.ended).code).toBe(1007);
        } else expect(reply.length).toBeGreaterThan(50);
        client.web.terminate();
      }),
      { numRuns: 150 },
    );
    expect(actionsOf(await bystander.infer(toyFrame(1, 0))).data[0]).toBe(101);
  });
});

describe("a policy that fails", () => {
  const fails = (text: string) =>
    toyPolicy({
      fails: ({ observation }) => (observation["observation.state"]!.data[2] === 13 ? text : undefined),
    });

  test("is an error of its client alone, also in a batch", async () => {
    const policy = fails("cannot do 13");
    const { url } = await serving({ policy, batchWaitMs: 3 });
    const [bystander, client] = [await rawClient(url), await rawClient(url)];
    const fine = bystander.infer(toyFrame(1, 0));
    await expect(client.infer(toyFrame(13, 0))).rejects.toThrow("cannot do 13");
    expect((await client.ended).code).toBe(1011);
    expect(actionsOf(await fine).data[0]).toBe(101);
    expect(policy.batches).toEqual([2, 1, 1]);
  });

  test("by never answering is an error after a time", async () => {
    const policy = toyPolicy({ takes: () => new Promise(() => {}) });
    const { url, healthz } = await serving({ policy, timeouts: { inferMs: 50, drainMs: 50 } });
    const client = await rawClient(url);
    await expect(client.infer(toyFrame(1, 0))).rejects.toThrow(
      "policy: expected a chunk within 50 ms, got none.",
    );
    expect((await healthz()).status).toBe(200);
  });

  test("by actions that are not finite, or of another shape, sends none", async () => {
    const wide: PolicySpec = { ...toySpec, horizon: 4 };
    const spec = { ...toyPolicy(), spec: wide };
    const { url } = await serving({ policy: spec });
    await expect((await rawClient(url)).infer(toyFrame(1, 0))).rejects.toThrow("expected [4, 2], got [3,2]");
    const huge = await serving({ policy: toyPolicy({ noise: Number.POSITIVE_INFINITY }) });
    const client = await rawClient(huge.url);
    await expect(client.infer(toyFrame(1, 0))).rejects.toThrow("actions: expected finite numbers");
    expect((await client.ended).code).toBe(1011);
  });
});

describe("clients that wait together", () => {
  test("are answered by one evaluation", async () => {
    const policy = toyPolicy();
    const server = await serving({ policy, batchWaitMs: 3 });
    const clients = await Promise.all(Array.from({ length: 8 }, () => rawClient(server.url)));
    const replies = await Promise.all(clients.map((client, i) => client.infer(toyFrame(i, 0))));
    expect(replies.map((reply) => actionsOf(reply).data[0])).toEqual(clients.map((_, i) => 101 * i));
    expect(policy.batches.length).toBeLessThan(8);
    expect(server.statistics()).toMatchObject({ requests: 8, errors: 0, batches: policy.batches.length });
  });

  test("go together after an evaluation that took long", async () => {
    const { policy, open, started } = gated();
    const { url } = await serving({ policy });
    const clients = await Promise.all(Array.from({ length: 5 }, () => rawClient(url)));
    const first = clients[0]!.infer(toyFrame(0, 0));
    await started();
    const others = clients.slice(1).map((client) => client.infer(toyFrame(1, 0)));
    await pause(100);
    open();
    await Promise.all([first, ...others]);
    expect(policy.batches).toEqual([1, 4]);
  });

  test("leave while they wait without harm", async () => {
    const { policy, open, started } = gated();
    const server = await serving({ policy });
    const [busy, leaving, staying] = [
      await rawClient(server.url),
      await rawClient(server.url),
      await rawClient(server.url),
    ];
    const first = busy.infer(toyFrame(0, 0));
    await started();
    leaving.web.send(packedFrame(toyFrame(5, 0)));
    const other = staying.infer(toyFrame(6, 0));
    await pause(50);
    leaving.web.terminate();
    await expect.poll(() => server.statistics().clients.length).toBe(2);
    open();
    await first;
    expect(actionsOf(await other).data[0]).toBe(606);
    expect(policy.batches).toEqual([1, 1]);
    expect(server.statistics().errors).toBe(0);
  });
});

test("a policy is tried before anyone may connect", async () => {
  const policy = toyPolicy();
  await serving({ policy, warmCounts: [1, 4] });
  expect(policy.batches).toEqual([1, 4]);
  const fails = () => "no weights";
  await expect(serving({ policy: toyPolicy({ fails }), warmCounts: [1] })).rejects.toThrow("no weights");
});

describe("beside its clients the server", () => {
  test("answers healthz within 10 ms while the policy computes", async () => {
    const { policy, open, started } = gated();
    const { url, healthz } = await serving({ policy });
    const slow = (await rawClient(url)).infer(toyFrame(1, 0));
    await started();
    const times: number[] = [];
    for (let i = 0; i < 20; i++) {
      const startMs = systemClock.nowMs();
      expect(await (await healthz()).text()).toBe("OK\n");
      times.push(systemClock.nowMs() - startMs);
    }
    open();
    await slow;
    expect(Math.min(...times), "the best, on a machine that has more to do").toBeLessThan(10);
  });

  test("tells how fast every client was answered", async () => {
    const { url, port, lines } = await serving();
    const client = await rawClient(url);
    for (let i = 0; i < 5; i++) await client.infer(toyFrame(i, 0));
    const { clients, ...total } = (await (await fetch(`http://127.0.0.1:${port}/stats`)).json()) as never as {
      clients: { id: number; requests: number; latencyMs: { p99: number } }[];
      requests: number;
    };
    expect(total.requests).toBe(5);
    expect(clients).toMatchObject([{ id: 0, requests: 5 }]);
    expect(clients[0]!.latencyMs.p99).toBeGreaterThan(0);
    client.web.close();
    await expect.poll(() => lines.at(-1)).toMatch(/^client 0 .+gone after 5 requests, p99 [\d.]+ ms: 1005/);
  });

  test("finishes what it was asked when it closes, and takes no one new", async () => {
    const { policy, open, started } = gated();
    const server = await serving({ policy });
    const [busy, idle] = [await rawClient(server.url), await rawClient(server.url)];
    const reply = busy.infer(toyFrame(1, 0));
    await started();
    const closed = server.close();
    await expect(rawClient(server.url)).rejects.toThrow("503");
    open();
    expect(actionsOf(await reply).data[0]).toBe(101);
    expect(await busy.ended).toEqual({ code: 1001, reason: "the server is shutting down" });
    expect((await idle.ended).code).toBe(1001);
    await closed;
    await expect(server.healthz()).rejects.toThrow();
  });

  test("closes in time when the policy hangs and clients do not answer", async () => {
    const policy = toyPolicy({ takes: () => new Promise(() => {}) });
    const server = await serving({ policy, timeouts: { drainMs: 50, sendMs: 50 } });
    const client = await rawClient(server.url);
    client.web.send(packedFrame(toyFrame(1, 0)));
    await pause(20);
    client.web.pause();
    const startMs = systemClock.nowMs();
    await server.close();
    expect(systemClock.nowMs() - startMs).toBeLessThan(1000);
  });

  test.each([
    [{ batchWaitMs: 4 }, "servePolicy: batchWaitMs: expected a number from 0 to 3, got 4."],
    [{ maxMessageBytes: 0 }, "servePolicy: maxMessageBytes"],
    [{ timeouts: { inferMs: Number.NaN } }, "servePolicy: timeouts.inferMs"],
    [{ port: 70_000 }, "servePolicy: port"],
  ])("refuses %o", async (options, message) => {
    await expect(servePolicy({ policy: toyPolicy(), ...options })).rejects.toThrow(message);
  });
});

test("a request of 4 MB is answered", async () => {
  const spec: PolicySpec = { ...toySpec, observation: { "observation.state": [2], image: [1000, 1000, 4] } };
  const { url } = await serving({ policy: toyPolicy({ spec }) });
  const client = await rawClient(url);
  const image = packedArray(ndarray(new Uint8Array(4_000_000), [1000, 1000, 4]));
  const { "observation.state": state } = toyFrame(2, 0);
  expect(actionsOf(await client.infer({ "observation.state": state, image })).data[0]).toBe(202);
  expect(pack(image).length).toBeGreaterThan(4_000_000);
});
