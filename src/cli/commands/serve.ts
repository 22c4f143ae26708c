import { Command } from "commander";
import type { PolicyServer, PolicySpec, ServeOptions } from "../../robot/index.ts";
import type { CommonOptions } from "../answer.ts";
import type { Context } from "../context.ts";
import { collected, finite, whole } from "../options.ts";

interface ServeFlags extends CommonOptions {
  readonly port: number;
  readonly host: string;
  readonly apiKey?: string;
  readonly origin: readonly string[];
  readonly batchWait?: number;
  readonly maxMessageMb?: number;
  readonly maxClients?: number;
  readonly seed?: number;
}

const examples = `
Examples:
  advect serve runs/pusht
  ADVECT_API_KEY=… advect serve runs/pusht --host 0.0.0.0      for other machines
  advect serve runs/pusht --origin http://localhost:5173       for a web page

It speaks the protocol of openpi's policy servers (WebSocket, MessagePack), so openpi's client gets actions unmodified.
GET /healthz answers OK; GET /stats the latency of every client. --json prints one document when it serves. Ctrl-C
finishes what is being answered and stops; a second Ctrl-C leaves at once.`;

/** advect serve: a policy for robots in other processes. */
export function serveCommand(context: Context): Command {
  const command = new Command("serve")
    .description("let robots in other processes ask a policy")
    .argument("<policy>", "the folder of a policy, a run, or a checkpoint")
    .option("--port <n>", "0 for any that is free", whole(0), 8000)
    .option("--host <address>", "where to listen; from elsewhere only with a key", "127.0.0.1")
    .option("--api-key <key>", "what clients must send (default: $ADVECT_API_KEY, if set)")
    .option("--origin <url>", "a web page that may connect; again for more", collected, [])
    .option("--batch-wait <ms>", "how long a request waits for others, at most 3 (default: 2)", finite)
    .option("--max-message-mb <n>", "of one request (default: 32)", whole(1))
    .option("--max-clients <n>", "at one time (default: 256)", whole(1))
    .option("--seed <n>", "of the noise", whole(0))
    .option("--json", "print one JSON document, and nothing else, to stdout")
    .addHelpText("after", examples);
  return command.action((folder: string) => serve(folder, command.opts<ServeFlags>(), context));
}

async function serve(folder: string, flags: ServeFlags, context: Context): Promise<void> {
  const { key, remote, servePolicy } = await modules();
  using interruption = context.interruption();
  using policy = await remote({ folder }, { clock: context.clock });
  const server = await servePolicy({
    ...serveOptions(flags, context),
    policy,
    warmCounts: [1, 4, 16, 64],
    clock: context.clock,
    log: (line) => context.stderr.write(`${line}\n`),
    ...(flags.seed !== undefined && { key: key(flags.seed) }),
  });
  const { url, port, metadata } = server;
  const document = JSON.stringify({ url, port, metadata }, null, 2);
  context.stdout.write(`${flags.json ? document : introduction(server, policy.spec)}\n`);
  const { signal } = interruption;
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  await stop(server, context);
}

async function modules() {
  const [{ key }, { remote, servePolicy }] = await Promise.all([
    import("../../engine/random/index.ts"),
    import("../../robot/index.ts"),
  ]);
  return { key, remote, servePolicy };
}

function serveOptions(flags: ServeFlags, { environment }: Context): Omit<ServeOptions, "policy"> {
  const { port, host, origin, batchWait, maxMessageMb, maxClients } = flags;
  const apiKey = flags.apiKey ?? environment.ADVECT_API_KEY;
  return {
    port,
    host,
    origins: origin,
    ...(apiKey !== undefined && { apiKey }),
    ...(batchWait !== undefined && { batchWaitMs: batchWait }),
    ...(maxMessageMb !== undefined && { maxMessageBytes: maxMessageMb * 2 ** 20 }),
    ...(maxClients !== undefined && { maxConnections: maxClients }),
  };
}

function introduction({ url }: PolicyServer, spec: PolicySpec): string {
  const http = url.replace(/^ws/, "http");
  const features = Object.entries(spec.observation);
  const observation = features.map(([name, shape]) => `"${name}": np.zeros([${shape}], np.float32)`);
  return [
    `Serving ${spec.name} at ${url}`,
    `  observes  ${features.map(([name, shape]) => `${name} [${shape.join(", ")}]`).join(", ")}; ${spec.obsHorizon} frames`,
    `  answers   actions [${spec.horizon}, ${spec.action.length}]: ${spec.action.map(({ name, unit }) => `${name} in ${unit}`).join(", ")}`,
    `  plays     ${spec.executeSteps} of them, one every ${spec.stepSeconds} s`,
    `  health    ${http}/healthz, statistics ${http}/stats`,
    "",
    "From Python (pip install openpi-client typing_extensions):",
    "  import numpy as np",
    "  from openpi_client.websocket_client_policy import WebsocketClientPolicy",
    `  policy = WebsocketClientPolicy("${url}")`,
    `  actions = policy.infer({${observation.join(", ")}})["actions"]`,
    "",
    "From TypeScript:",
    '  import { policyClient } from "advect/robot";',
    `  const policy = await policyClient("${url}");`,
    "",
    "Ctrl-C finishes what is being answered and stops.",
  ].join("\n");
}

async function stop(server: PolicyServer, { stderr }: Context): Promise<void> {
  stderr.write("Stopping: no new clients; what is being answered is finished.\n");
  await server.close();
  const { requests, errors, batches, latencyMs } = server.statistics();
  const speed = latencyMs
    ? `; p50 ${latencyMs.p50.toFixed(1)} ms, p99 ${latencyMs.p99.toFixed(1)} ms, worst ${latencyMs.max.toFixed(1)} ms`
    : "";
  stderr.write(`Answered ${requests} requests in ${batches} evaluations, ${errors} errors${speed}.\n`);
}
