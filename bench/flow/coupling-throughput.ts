import { availableParallelism } from "node:os";
import { type Draw, key, normal, random, spec, type Tensor } from "advect/engine";
import { type CouplingSpec, flowMatching } from "advect/flow";
import { type MlpParams, mlp } from "advect/nn";
import { arrayBatches, mapBatches, pairedBatches, trainer } from "advect/train";
import { type Contender, interleave } from "../harness/measure.ts";
import { type Row, ratioOf } from "../harness/results.ts";
import type { Part, PartOptions } from "./part.ts";

const [batch, rows] = [256, 8192];

interface Setting {
  /** Elements of a sample. */
  readonly size: number;
  /** Of each of the four layers. */
  readonly hidden: number;
  /** The trainer's own choice unless given. */
  readonly threads?: number;
}

/** Within 10 % of the throughput without transport. */
const target = 0.9;

export const couplingThroughput: Part = {
  name: "coupling-throughput",
  remark: `a step of training an MLP (4 hidden layers of 256, or of 1024: wide) on batches of ${batch} with exact optimal transport, paired in a worker two batches ahead; the peer is the same training on independent pairs. Times are means over a round, so that waiting for pairs counts. ${availableParallelism()} cores: with as many threads as cores, pairing takes its time from training.`,
  async run(options) {
    const found: Row[] = [];
    for (const size of [2, 64]) {
      found.push(await measure({ size, hidden: 1024 }, options));
      found.push(await measure({ size, hidden: 256 }, options));
      found.push(await measure({ size, hidden: 256, threads: 1 }, options));
    }
    return found;
  },
};

async function measure(setting: Setting, { rounds, quick }: PartOptions): Promise<Row> {
  const transport = await training({ kind: "exactOT" }, setting);
  const independent = await training({ kind: "independent" }, setting);
  const effort = { rounds, roundMs: quick ? 100 : 1000 };
  const [own, peer] = await interleave([transport, independent], effort);
  const { settings } = transport;
  await transport.close();
  await independent.close();
  return {
    name: `transport-of-${setting.size}${setting.hidden === 1024 ? "-wide" : ""}${setting.threads ? "-1-thread" : ""}`,
    advect: { ...own!, settings },
    peer: { name: "advect", version: "without transport", settings, ...peer! },
    ratio: ratioOf(own!, peer!),
    target,
    note: `${(batch / own!.medianMs).toFixed(0)} against ${(batch / peer!.medianMs).toFixed(0)} thousand samples a second`,
  };
}

async function training(coupling: CouplingSpec, { size, hidden, threads }: Setting): Promise<Contender> {
  const model = mlp({ size, hidden, depth: 4 });
  const matching = flowMatching();
  const run = await trainer<MlpParams, [Tensor, Tensor, Draw]>({
    params: model.init(key("params")),
    loss: (params, x0, x1, draw) =>
      matching((x, t) => model.apply(params, x, t, undefined), { x0, x1 }, draw),
    signature: [spec([batch, size]), spec([batch, size]), random],
    learningRate: 1e-3,
    ema: 0.999,
    clipNorm: 1,
    ...(threads && { threads }),
  });
  const data = arrayBatches({ x1: normal(key("data"), [rows, size]) }, { batchSize: batch });
  const paired = pairedBatches(data, { coupling });
  const batches = mapBatches(paired, ({ batch: { x0, x1 }, key: own }) => [x0, x1, own] as const);
  let index = 0;
  const step = async () => run.step(...(await batches.at(index++, key("run"))));
  return {
    settings: `${run.threads} thread${run.threads === 1 ? "" : "s"}`,
    async round(steps) {
      for (let i = 0; i < 5; i++) await step();
      const start = performance.now();
      for (let i = 0; i < steps; i++) await step();
      return new Array<number>(steps).fill((performance.now() - start) / steps);
    },
    async close() {
      paired[Symbol.dispose]();
      run[Symbol.dispose]();
    },
  };
}
