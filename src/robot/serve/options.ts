import { type Clock, systemClock } from "../../engine/clock.ts";
import { AdvectError } from "../../engine/error.ts";
import { type Key, key } from "../../engine/random/index.ts";
import type { Policy } from "../policy/index.ts";

export interface ServeOptions {
  /** It stays its owner's: closing the server does not dispose it. */
  readonly policy: Policy;
  /** 8000 unless given, as openpi; 0 for any that is free. */
  readonly port?: number;
  /** 127.0.0.1 unless given; an address that other machines reach needs `apiKey`. */
  readonly host?: string;
  /** What clients must send, as `Authorization: Api-Key <key>`. */
  readonly apiKey?: string;
  /** Web pages that may connect, such as "http://localhost:5173"; none unless given. */
  readonly origins?: readonly string[];
  /** Of one request; 32 MiB unless given. */
  readonly maxMessageBytes?: number;
  /** 256 unless given. */
  readonly maxConnections?: number;
  readonly timeouts?: Partial<ServeTimeouts>;
  /** How long a request waits for those of other clients while the policy is idle: 0 to 3, 2 unless given. */
  readonly batchWaitMs?: number;
  /** Requests in one evaluation; 64 unless given. */
  readonly maxBatch?: number;
  /** How many requests at once the policy answers to try, before anyone may connect; none unless given. */
  readonly warmCounts?: readonly number[];
  /** Decides the noise of clients that send no key; `key(0)` unless given. */
  readonly key?: Key;
  /** More for the metadata that clients get first. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly clock?: Clock;
  /** One line for every client that comes, goes, or is refused, and for every error. */
  readonly log?: (line: string) => void;
}

/** In milliseconds. */
export interface ServeTimeouts {
  /** For the headers of a connection; 5,000 unless given. */
  readonly handshakeMs: number;
  /** For a chunk; 30,000 unless given. */
  readonly inferMs: number;
  /** For a client to read its reply; 10,000 unless given. */
  readonly sendMs: number;
  /** Between two pings, of which every one must be answered before the next; 20,000 unless given. */
  readonly heartbeatMs: number;
  /** For requests that are being answered when the server closes; 5,000 unless given. */
  readonly drainMs: number;
}

const usual: ServeTimeouts = {
  handshakeMs: 5_000,
  inferMs: 30_000,
  sendMs: 10_000,
  heartbeatMs: 20_000,
  drainMs: 5_000,
};

type Defaulted = "port" | "maxMessageBytes" | "batchWaitMs" | "maxBatch" | "key" | "clock" | "log";

export type ServeSettings = Omit<ServeOptions, Defaulted | "timeouts"> &
  Required<Pick<ServeOptions, Defaulted>> & { readonly timeouts: ServeTimeouts };

/** Options with what is usual in the place of those not given. Throws "option". */
export function serveSettings(options: ServeOptions): ServeSettings {
  const settings: ServeSettings = {
    port: 8000,
    maxMessageBytes: 32 * 2 ** 20,
    batchWaitMs: 2,
    maxBatch: 64,
    key: key(0),
    clock: systemClock,
    log: () => {},
    ...options,
    timeouts: { ...usual, ...options.timeouts },
  };
  check("port", settings.port, { least: 0, most: 65_535, whole: true });
  check("maxMessageBytes", settings.maxMessageBytes, { least: 1, most: 2 ** 31 - 1, whole: true });
  check("batchWaitMs", settings.batchWaitMs, { least: 0, most: 3 });
  check("maxBatch", settings.maxBatch, { least: 1, most: 4096, whole: true });
  for (const [name, value] of Object.entries(settings.timeouts)) {
    check(`timeouts.${name}`, value, { least: 1, most: 2 ** 31 - 1 });
  }
  return settings;
}

interface Range {
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
}

function check(name: string, value: number, { least, most, whole = false }: Range): void {
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return;
  throw new AdvectError("option", `servePolicy: ${name}`, {
    expected: `${whole ? "an integer" : "a number"} from ${least} to ${most}`,
    got: value,
  });
}
