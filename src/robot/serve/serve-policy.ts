import { type Listener, listen, type Socket } from "../../host/index.ts";
import type { PolicySpec } from "../policy/index.ts";
import { batcher } from "./batcher.ts";
import { type Conversation, conversation } from "./conversation.ts";
import { type ServeOptions, type ServeSettings, serveSettings } from "./options.ts";
import { packMetadata } from "./reply.ts";
import { type ClientStatistics, type ServeStatistics, type Tally, tally } from "./tally.ts";
import { warmUp } from "./warm-up.ts";

/** A policy that clients of the openpi protocol can ask. */
export interface PolicyServer extends AsyncDisposable {
  /** ws://host:port */
  readonly url: string;
  readonly port: number;
  /** What clients get first. */
  readonly metadata: Readonly<Record<string, unknown>>;
  statistics(): PolicyServerStatistics;
  /** Takes no new clients, answers what is being asked, says goodbye to all, and frees the port. */
  close(): Promise<void>;
}

export interface PolicyServerStatistics extends ServeStatistics {
  /** Evaluations of the network; each answers one request or more. */
  readonly batches: number;
  /** Those that are connected. */
  readonly clients: readonly ClientStatistics[];
}

/**
 * Serves a policy by the protocol of openpi's policy servers: a WebSocket on which the server sends metadata, and then
 * answers every observation with a chunk, { "actions": float32 [horizon, dimensions] }. Clients send a dict of the
 * features that the spec names: one frame of each, of which the server keeps the history until "advect/reset" is true;
 * or all frames, [obsHorizon, ...shape]. GET /healthz answers OK, GET /stats the statistics.
 *
 * Give it a policy that lives in a worker: what blocks this thread delays every client. Throws "option", "io" when the
 * port is taken, "unsupported" in browsers.
 */
export async function servePolicy(options: ServeOptions): Promise<PolicyServer> {
  const settings = serveSettings(options);
  const metadata = metadataOf(settings);
  const guests = reception(settings, packMetadata(metadata));
  await warmUp(settings.policy, settings.warmCounts ?? []);
  const listener = await opened(settings, guests);
  const shutDown = async () => {
    listener.refuse();
    await guests.dismiss();
    await listener.close();
  };
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= shutDown());
  const { url, port } = listener;
  return { url, port, metadata, statistics: guests.statistics, close, [Symbol.asyncDispose]: close };
}

interface Client {
  readonly socket: Socket;
  readonly own: Tally;
  readonly talk: Conversation;
}

/** Those who are connected. */
interface Reception {
  onSocket(socket: Socket): void;
  statistics(): PolicyServerStatistics;
  /** Lets everyone finish and go. */
  dismiss(): Promise<void>;
}

function reception(settings: ServeSettings, greeting: Uint8Array): Reception {
  const total = tally();
  const clients = new Map<number, Client>();
  const batches = batcher({ ...settings, waitMs: settings.batchWaitMs, clientCount: () => clients.size });
  let count = 0;
  return {
    onSocket(socket) {
      const id = count++;
      const own = tally();
      const log = (line: string) => settings.log(`client ${id} (${socket.peer}): ${line}`);
      const key = settings.key.fold(id);
      const talk = conversation({ socket, settings, batches, key, greeting, tallies: [own, total], log });
      clients.set(id, { socket, own, talk });
      log("connected");
      void socket.ended.then(({ code, reason }) => {
        clients.delete(id);
        log(`gone after ${summary(own)}: ${code}${reason && ` ${reason}`}`);
      });
    },
    statistics: () => ({
      ...total.statistics(),
      batches: batches.batches,
      clients: [...clients].map(([id, { socket, own }]) => ({ id, peer: socket.peer, ...own.statistics() })),
    }),
    async dismiss() {
      await Promise.all([...clients.values()].map(({ talk }) => talk.finish()));
      await emptied(clients, settings.timeouts.sendMs);
    },
  };
}

function opened(settings: ServeSettings, { onSocket, statistics }: Reception): Promise<Listener> {
  return listen({
    ...settings,
    onSocket,
    warn: settings.log,
    routes: {
      "/healthz": { open: true, respond: () => ({ status: 200, type: "text/plain", body: "OK\n" }) },
      "/stats": {
        respond: () => ({ status: 200, type: "application/json", body: JSON.stringify(statistics()) }),
      },
    },
  });
}

/** Waits for goodbyes to be answered. */
async function emptied(clients: ReadonlyMap<number, Client>, limitMs: number): Promise<void> {
  const ends = [...clients.values()].map(({ socket }) => socket.ended);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((done) => {
    timer = setTimeout(done, limitMs);
  });
  await Promise.race([Promise.all(ends), late]);
  clearTimeout(timer);
}

function summary(own: Tally): string {
  const { requests, latencyMs } = own.statistics();
  return latencyMs ? `${requests} requests, p99 ${latencyMs.p99.toFixed(1)} ms` : "no request";
}

function metadataOf({ policy, maxMessageBytes, metadata }: ServeSettings): PolicyServer["metadata"] {
  const spec: PolicySpec = policy.spec;
  return { ...metadata, advect: { spec, maxMessageBytes } };
}
