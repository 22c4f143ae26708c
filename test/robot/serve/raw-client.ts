import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { type NdArray, ndarray } from "../../../src/engine/array/index.ts";
import { isFields, pack, unpack, type Value } from "../../../src/robot/serve/msgpack/index.ts";
import { arrayOf, packedArray } from "../../../src/robot/serve/wire-array.ts";

/** A client that can misbehave: it sends bytes as they are, and keeps all that comes. */
export interface RawClient {
  readonly web: WebSocket;
  /** Messages in the order in which they came, without the metadata. */
  next(): Promise<Uint8Array | string>;
  readonly ended: Promise<{ readonly code: number; readonly reason: string }>;
  /** A request, and what the reply says. */
  infer(frame: Readonly<Record<string, Value>>): Promise<Readonly<Record<string, Value>>>;
}

/** A client that has got its metadata, and is gone when the test is over. */
export async function rawClient(
  url: string,
  options = {},
): Promise<RawClient & { readonly metadata: Value }> {
  const web = new WebSocket(url, { perMessageDeflate: false, ...options });
  onTestFinished(() => web.terminate());
  const messages: (Uint8Array | string)[] = [];
  let wake = () => {};
  let over = "";
  web.on("message", (data: Buffer, isBinary: boolean) => {
    messages.push(isBinary ? new Uint8Array(data) : data.toString());
    wake();
  });
  const ended = new Promise<{ code: number; reason: string }>((resolve) => {
    web.on("close", (code, reason) => {
      over = `ended: ${code} ${reason}`;
      resolve({ code, reason: reason.toString() });
      wake();
    });
  });
  let fault: Error | undefined;
  web.on("error", (error) => (fault = error));
  const next = async () => {
    while (messages.length === 0) {
      if (over) throw fault ?? new Error(over);
      await new Promise<void>((resolve) => (wake = resolve));
    }
    return messages.shift()!;
  };
  const metadata = unpack((await next()) as Uint8Array);
  return {
    web,
    metadata,
    next,
    ended,
    async infer(frame) {
      web.send(packedFrame(frame));
      const reply = await next();
      if (typeof reply === "string") throw new Error(reply);
      const value = unpack(reply);
      if (!isFields(value)) throw new Error("the reply is no dict");
      return Object.fromEntries(value.text);
    },
  };
}

export const packedFrame = (frame: Readonly<Record<string, Value>>) =>
  pack({ text: new Map(Object.entries(frame)), binary: new Map() });

/** One frame for the toy policy. */
export const toyFrame = (x: number, y: number) => ({
  "observation.state": packedArray(ndarray(Float32Array.of(x, y), [2])),
  "observation.image": packedArray(ndarray(new Uint8Array(4), [2, 2, 1])),
});

export const actionsOf = (reply: Readonly<Record<string, Value>>): NdArray =>
  arrayOf(reply.actions!, "actions");
