import { ndarray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { connect, type Message, type Socket } from "../../host/index.ts";
import {
  type Observation,
  type Policy,
  type PolicyRequest,
  type PolicySpec,
  parsePolicySpec,
} from "../policy/index.ts";
import { parseMetadata, parseReply } from "./reply.ts";
import { packFrame, packRequest } from "./request.ts";

export interface PolicyClientOptions {
  readonly apiKey?: string;
  /** Needed for servers that are not advect's, whose metadata does not have it; they get the current frame alone. */
  readonly spec?: PolicySpec;
  /** For a connection, with the metadata; 5,000 unless given. */
  readonly connectMs?: number;
  /** For a reply; 30,000 unless given. */
  readonly replyMs?: number;
  /** Of one reply; 32 MiB unless given. */
  readonly maxMessageBytes?: number;
}

/** A policy that a server of the openpi protocol computes. */
export interface RemoteServerPolicy extends Policy {
  /** What the server said first. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * Connects to a policy server, in Node.js and in browsers. Requests go one after another; one that is aborted, or not
 * answered in time, ends the connection, and so does an error of the server: the next request connects again. Throws
 * "io" for all of these, "option" where the server does not give the spec, "format" for metadata that is none; `session`
 * is "unsupported".
 */
export async function policyClient(
  url: string,
  options: PolicyClientOptions = {},
): Promise<RemoteServerPolicy> {
  const settings = { connectMs: 5000, replyMs: 30_000, maxMessageBytes: 32 * 2 ** 20, ...options };
  let disposed = false;
  let line: Line | undefined = await dial(url, settings);
  const { metadata } = line;
  const own = (metadata.advect as { readonly spec?: unknown } | undefined)?.spec;
  const spec = specOf(own, { url, given: options.spec, line });
  const bytesOf = (request: PolicyRequest) =>
    own === undefined ? packFrame(lastFrame(request.observation)) : packRequest(request);

  const ask = async (request: PolicyRequest) => {
    request.signal?.throwIfAborted();
    if (disposed) throw failed("policyClient", "a client that was disposed");
    if (!line || line.over()) line = await dial(url, settings);
    const asked = line;
    try {
      return parseReply(await asked.ask(bytesOf(request), request.signal), spec);
    } catch (error) {
      asked.end();
      throw error;
    }
  };
  let last: Promise<unknown> = Promise.resolve();
  const predict = (request: PolicyRequest) => {
    const answer = last.then(() => ask(request));
    last = answer.catch(() => {});
    return answer;
  };
  return {
    spec,
    metadata,
    predict,
    predictMany: (requests) => Promise.all(requests.map(predict)),
    session: async () => {
      throw new AdvectError("unsupported", "policyClient.session", {
        expected: "a policy in this process",
        got: `a server at ${url}`,
        fix: "The protocol has whole chunks only: use predict.",
      });
    },
    [Symbol.dispose]() {
      disposed = true;
      line?.end();
    },
  };
}

/** A connection whose metadata has come. */
interface Line {
  readonly metadata: Readonly<Record<string, unknown>>;
  over(): boolean;
  ask(bytes: Uint8Array, signal?: AbortSignal): Promise<Uint8Array>;
  end(): void;
}

type Settings = PolicyClientOptions &
  Required<Pick<PolicyClientOptions, "connectMs" | "replyMs" | "maxMessageBytes">>;

async function dial(url: string, settings: Settings): Promise<Line> {
  const { apiKey, connectMs, replyMs, maxMessageBytes } = settings;
  const socket = await connect(url, { apiKey, connectMs, maxMessageBytes });
  const next = receiving(socket, url);
  let over = false;
  void socket.ended.then(() => (over = true));
  const end = () => {
    over = true;
    socket.close(1000, "");
  };
  try {
    const metadata = parseMetadata(await next({ limitMs: connectMs }));
    return {
      metadata,
      over: () => over,
      end,
      async ask(bytes, signal) {
        const reply = next({ limitMs: replyMs, ...(signal && { signal }) });
        await Promise.all([socket.send(bytes), reply]);
        return reply;
      },
    };
  } catch (error) {
    end();
    throw error;
  }
}

/** The next message, one at a time; text is an error of the server, in its words. */
function receiving(socket: Socket, url: string) {
  const early: Message[] = [];
  let take: ((message: Message) => void) | undefined;
  let refuse: ((cause: unknown) => void) | undefined;
  let over: AdvectError | undefined;
  socket.onMessage((message) => (take ? take(message) : early.push(message)));
  void socket.ended.then(({ code, reason }) => {
    over = failed(url, `the end of the connection: ${code} ${reason}`.trim());
    refuse?.(over);
  });
  return async ({ limitMs, signal }: { limitMs: number; signal?: AbortSignal }): Promise<Uint8Array> => {
    const late = setTimeout(() => refuse?.(failed(url, `none within ${limitMs} ms`)), limitMs);
    const abort = () => refuse?.(signal!.reason);
    signal?.addEventListener("abort", abort);
    try {
      const message = await new Promise<Message>((resolve, reject) => {
        take = resolve;
        refuse = reject;
        if (early.length > 0) resolve(early.shift()!);
        else if (over) reject(over);
      });
      if (typeof message !== "string") return message;
      throw failed(url, `an error: ${message.slice(0, 1000)}`);
    } finally {
      clearTimeout(late);
      signal?.removeEventListener("abort", abort);
      take = undefined;
      refuse = undefined;
    }
  };
}

function failed(url: string, got: string): AdvectError {
  return new AdvectError("io", url, { expected: "a reply", got });
}

interface Known {
  readonly url: string;
  readonly given: PolicySpec | undefined;
  readonly line: Line;
}

function specOf(own: unknown, { url, given, line }: Known): PolicySpec {
  try {
    if (given) return given;
    if (own !== undefined) return parsePolicySpec(own, `${url}: spec`);
    throw new AdvectError("option", "policyClient", {
      expected: "a spec",
      got: `a server that does not give one: ${Object.keys(line.metadata).join(", ") || "empty metadata"}`,
      fix: "Say what it observes and how it acts: policyClient(url, { spec }).",
    });
  } catch (error) {
    line.end();
    throw error;
  }
}

/** The newest frame of every feature, in its shape. */
function lastFrame(observation: Observation): Observation {
  const entries = Object.entries(observation).map(([name, { data, shape }]) => {
    const [count = 1, ...frame] = shape;
    const size = data.length / count;
    const newest = Float32Array.from(data.subarray((count - 1) * size), Number);
    return [name, ndarray(newest, frame)] as const;
  });
  return Object.fromEntries(entries);
}
