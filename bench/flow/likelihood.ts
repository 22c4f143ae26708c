import { availableParallelism } from "node:os";
import { batched, boundParams, key, type NdArray, spec, type Tensor } from "advect/engine";
import { adaptive, logLikelihood, twoParts, withDivergence } from "advect/flow";
import type { MlpParams, Values } from "advect/nn";
import { timed } from "../harness/steps.ts";
import { compare, type OwnCandidate } from "./compare.ts";
import { data, described, exchange, firstRows, network, networkText, trained } from "./field.ts";
import type { Part } from "./part.ts";
import { type Peer, peerCandidate } from "./peers.ts";

const [count, trialCount, tolerance] = [10_000, 5_000, 1e-5];
const chunks = [500, 1000, 2500, count];
const threads = [...new Set([1, availableParallelism()])];

/** log p1 of 10,000 points: dopri5 on (x, l) from t = 1 to 0, the divergence exact. */
export const likelihood: Part = {
  name: "likelihood",
  remark: `log-likelihood of ${count} points of the plane by adaptive dopri5, relative and absolute tolerance ${tolerance}, exact divergence, ${networkText}; the peer is torchdiffeq, with reverse and forward derivatives.`,
  async run(options) {
    const params = await trained();
    const points = data.sample(key("test points"), count);
    using files = exchange(params, points);
    const model = { ...described, file: files.file, tolerance };
    return await compare(
      {
        ...{ name: "likelihood", target: 1.2, count, trialCount, exchange: files },
        own: (n) => candidates(params, firstRows(points, n)),
        theirs: (peer, n) => theirs(peer, { ...model, count: n }),
      },
      options,
    );
  },
};

function candidates(params: Values<MlpParams>, x1: NdArray): OwnCandidate[] {
  const bound = boundParams<MlpParams>(params);
  const rates = (rows: Tensor, t: Tensor) =>
    withDivergence((x, time) => network.apply(bound, x, time), { event: [2] })(rows, t);
  const control = adaptive({ relative: tolerance, absolute: tolerance, norm: twoParts });
  return threads.flatMap((threadCount) =>
    chunks.map((chunk) => {
      const settings = `${threadCount} threads, chunks of ${chunk}`;
      const open = async () => {
        const signature = (batch: number) => [spec([batch, 3]), spec([batch])] as const;
        const field = batched(rates, signature, { sizes: [chunk], threads: threadCount });
        let found = await logLikelihood(field, x1, { control });
        const step = async () => {
          found = await logLikelihood(field, x1, { control });
        };
        return {
          ...{ settings, nfe: found.report.nfe, result: () => found.logLikelihood },
          round: (n: number) => timed(step, n, 0),
          close: async () => field[Symbol.dispose](),
        };
      };
      return { settings, open };
    }),
  );
}

/** torchdiffeq is there for PyTorch 2 only (`npm run bench:setup`). */
function theirs({ modern, settings }: Peer, model: { count: number; file: string }) {
  if (!modern) return [];
  const ways = [
    ["eager", "reverse"],
    ["eager", "pushed"],
    ["compile", "pushed"],
  ] as const;
  return settings.flatMap((setting) =>
    chunks.flatMap((chunk) =>
      ways.map(([mode, variant]) =>
        peerCandidate(setting, { task: "density", mode, variant, model: { ...model, chunk } }),
      ),
    ),
  );
}
