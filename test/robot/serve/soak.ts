import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { WebSocket } from "ws";
import { ndarray } from "../../../src/engine/array/index.ts";
import { systemClock } from "../../../src/engine/clock.ts";
import { key } from "../../../src/engine/random/index.ts";
import { type LatencySummary, latencySummary } from "../../../src/metrics/index.ts";
import type { Observation, Policy } from "../../../src/robot/policy/index.ts";
import { type PolicyServerStatistics, policyClient, servePolicy } from "../../../src/robot/serve/index.ts";

export interface SoakOptions {
  readonly policy: Policy;
  readonly clientCount: number;
  readonly seconds: number;
  /** Between two requests of one client. */
  readonly pauseMs: number;
  /** What client i asks, always with the key i, and what is wrong with the answer; undefined when nothing is. */
  readonly observation: (i: number) => Observation;
  readonly fault: (i: number, actions: Float32Array) => string | undefined;
}

export interface SoakReport {
  readonly requests: number;
  /** Of clients that behave. */
  readonly faults: readonly string[];
  /** How clients that do not behave ended: the codes. */
  readonly rudeEnds: readonly number[];
  /** Bytes in use after collecting garbage: after a third of the time, and at the end. */
  readonly heap: readonly [number, number];
  /** How long healthz took. */
  readonly healthzMs: LatencySummary;
  readonly statistics: PolicyServerStatistics;
}

/** Clients that ask all the time, beside ones that send garbage and leave; healthz is asked meanwhile. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { policy, clientCount, seconds, pauseMs } = options;
  const server = await servePolicy({ policy, port: 0 });
  const endMs = systemClock.nowMs() + 1000 * seconds;
  const running = () => systemClock.nowMs() < endMs;
  const faults: string[] = [];
  const clients = Array.from({ length: clientCount }, async (_, i) => {
    const client = await policyClient(server.url);
    try {
      while (running()) {
        const { actions } = await client.predict({ observation: options.observation(i), key: key(i) });
        const wrong = options.fault(i, actions.data);
        if (wrong !== undefined) faults.push(`client ${i}: ${wrong}`);
        await pause(pauseMs * (0.5 + (i % 16) / 16));
      }
    } catch (error) {
      faults.push(`client ${i}: ${error}`);
    }
    return client;
  });
  const rudeEnds: number[] = [];
  const rude = (async () => {
    for (let i = 0; running(); i++) {
      rudeEnds.push(await rudeClient(server.url, i));
      await pause(100);
    }
  })();
  const health: number[] = [];
  const healthz = (async () => {
    while (running()) {
      const startMs = systemClock.nowMs();
      await (await fetch(`http://127.0.0.1:${server.port}/healthz`)).text();
      health.push(systemClock.nowMs() - startMs);
      await pause(50);
    }
  })();
  await pause((1000 * seconds) / 3);
  const early = heapUsed();
  const asked = await Promise.all(clients);
  await Promise.all([rude, healthz]);
  const late = heapUsed();
  const statistics = server.statistics();
  for (const client of asked) client[Symbol.dispose]();
  await server.close();
  const healthzMs = latencySummary(health);
  return { requests: statistics.requests, faults, rudeEnds, heap: [early, late], healthzMs, statistics };
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Sends what is no request, or leaves at once; the code of its end. */
function rudeClient(url: string, i: number): Promise<number> {
  const web = new WebSocket(url);
  web.on("error", () => {});
  web.on("open", () => {
    if (i % 3 === 0) web.send(Uint8Array.of(0xdf, 0xff, 0xff, 0xff, 0xff));
    else if (i % 3 === 1) web.send("text");
    else web.terminate();
  });
  return new Promise((resolve) => web.on("close", resolve));
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function heapUsed(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Two frames that tell client i apart. */
export const soakFrames = (i: number): Observation => ({
  "observation.state": ndarray(Float32Array.of(0, 0, i, i), [2, 2]),
  "observation.image": ndarray(new Float32Array(8), [2, 2, 2, 1]),
});
