import { availableParallelism } from "node:os";
import { key, type NdArray, normal } from "advect/engine";
import { euler, sampler, uniformGrid } from "advect/flow";
import type { MlpParams, Values } from "advect/nn";
import { timed } from "../harness/steps.ts";
import { compare, type OwnCandidate } from "./compare.ts";
import { described, exchange, firstRows, network, networkText, trained } from "./field.ts";
import type { Part } from "./part.ts";
import { type Peer, peerCandidate } from "./peers.ts";

const [count, trialCount, steps] = [100_000, 10_000, 50];
const chunks = [250, 500, 1000, 2000, 5000];
const threads = [...new Set([1, availableParallelism()])];

/** x0 [100000, 2] -> x1 by 50 Euler steps. */
export const sampling: Part = {
  name: "sampling",
  remark: `${count} points of the plane by ${steps} Euler steps, ${networkText}; chunk sizes, threads and form of the graph are the best of each side.`,
  async run(options) {
    const params = await trained();
    const points = normal(key("x0"), [count, 2]);
    using files = exchange(params, points);
    const model = { ...described, file: files.file, steps };
    return await compare(
      {
        ...{ name: "sample-points", target: 1.2, count, trialCount, exchange: files },
        own: (n) => candidates(params, firstRows(points, n)),
        theirs: (peer, n) => theirs(peer, { ...model, count: n }),
      },
      options,
    );
  },
};

function candidates(params: Values<MlpParams>, x0: NdArray): OwnCandidate[] {
  return threads.flatMap((threadCount) =>
    chunks.flatMap((chunk) =>
      (["graph", "steps"] as const).map((way) => {
        const settings = `${way === "graph" ? "one graph" : "one step"}, ${threadCount} threads, chunks of ${chunk}`;
        const open = async () => {
          const draw = sampler({
            field: (p: MlpParams) => (x, t) => network.apply(p, x, t),
            ...{ params, event: [2], times: uniformGrid(steps), solver: euler },
            ...{ way, sizes: [chunk], threads: threadCount },
          });
          let result = await draw(x0);
          const step = async () => {
            result = await draw(x0);
          };
          return {
            ...{ settings, nfe: draw.nfe, result: () => result },
            round: (n: number) => timed(step, n, 0),
            close: async () => draw[Symbol.dispose](),
          };
        };
        return { settings, open };
      }),
    ),
  );
}

const compiledWays = [
  ["compile", "plain"],
  ["compile", "frozen"],
] as const;

function theirs({ modern, settings }: Peer, model: { count: number; file: string }) {
  const ways = [["eager", "plain"], ["trace", "plain"], ...(modern ? compiledWays : [])] as const;
  return settings.flatMap((setting) =>
    chunks.flatMap((chunk) =>
      ways.map(([mode, variant]) =>
        peerCandidate(setting, { task: "points", mode, variant, model: { ...model, chunk } }),
      ),
    ),
  );
}
