import { key } from "advect/engine";
import { neuralPolicy } from "advect/robot";
import type { Part } from "../flow/part.ts";
import { type Contender, interleave } from "../harness/measure.ts";
import { type Interpreter, interpreters } from "../harness/python.ts";
import { type Peer, type Row, ratioOf } from "../harness/results.ts";
import { timed } from "../harness/steps.ts";
import { Worker } from "../harness/worker.ts";
import { blankObservation, pushtSized, type SizedPolicy } from "./policies.ts";

/** 99 of 100 chunks of the shipped policy are to come within this. */
const promisedMs = 5;

const flow = () => pushtSized({ kind: "flow", steps: 5 });
const ddpm = () => pushtSized({ kind: "diffusion", levels: 100 });

/** The time from an observation to a chunk: five Euler steps, batch 1, one thread on every side. */
export const latency: Part = {
  name: "latency",
  remark:
    "from an observation to a chunk of 16 actions, batch 1, one thread on every side: advect's whole predict, with noise and normalisation; PyTorch the network and the Euler steps only. A U-Net 1-D of 1.2 M parameters, untrained.",
  async run({ rounds, quick }) {
    const times: number[] = [];
    const own = await advect(flow(), times);
    const rivals = [...(await torchRivals(flow())), await ddpmRival()];
    try {
      const contenders = [own, ...rivals.map(({ contender }) => contender)];
      const [mine, ...theirs] = await interleave(contenders, { rounds, roundMs: quick ? 1000 : 5000 });
      return theirs.map((timing, i): Row => {
        const peer: Peer = { ...rivals[i]!.about, settings: rivals[i]!.contender.settings, ...timing };
        return {
          name: "chunk of PushT, 5 Euler steps",
          advect: { ...mine!, settings: own.settings },
          peer,
          ratio: ratioOf(mine!, timing),
          target: null,
          note: i === 0 ? noteOf(times) : "",
        };
      });
    } finally {
      for (const { contender } of rivals) await contender.close();
      await own.close();
    }
  },
};

interface Rival {
  readonly about: Pick<Peer, "name" | "version">;
  readonly contender: Contender;
}

function noteOf(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)]!;
  const numbers = [0.5, 0.95, 0.99].map((part) => `p${100 * part} ${at(part).toFixed(2)}`).join(", ");
  const verdict = at(0.99) < promisedMs ? "met" : "missed";
  return `${sorted.length} chunks: ${numbers}, max ${sorted.at(-1)!.toFixed(2)} ms; p99 < ${promisedMs} ms ${verdict}`;
}

/** Every time that was measured is added to `times`. */
async function advect(sized: SizedPolicy, times: number[]): Promise<Contender> {
  const policy = await neuralPolicy(sized.model, { threads: 1 });
  const observation = blankObservation(policy.spec);
  let count = 0;
  const step = () => policy.predict({ observation, key: key(count++) });
  return {
    settings: `one thread, ${(sized.parameterCount / 1e6).toFixed(2)} M parameters`,
    async round(steps) {
      const measured = await timed(step, steps);
      times.push(...measured);
      return measured;
    },
    close: async () => policy[Symbol.dispose](),
  };
}

async function ddpmRival(): Promise<Rival> {
  const about = { name: "advect DDPM-100", version: "the same network, 100 evaluations" };
  return { about, contender: await advect(ddpm(), []) };
}

async function torchRivals(sized: SizedPolicy): Promise<Rival[]> {
  const found = interpreters();
  if (found.length === 0) console.log("No PyTorch found: `npm run bench:setup` installs it into .venv.");
  return Promise.all(found.map((interpreter) => torchRival(interpreter, sized)));
}

async function torchRival(interpreter: Interpreter, sized: SizedPolicy): Promise<Rival> {
  const one = ["OMP_NUM_THREADS", "TORCH_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"];
  const worker = new Worker(interpreter, Object.fromEntries(one.map((name) => [name, "1"])));
  const { spec } = sized.model.design;
  const x = [spec.horizon, spec.action.length];
  const model = { name: "pusht", network: sized.network, x, condition: sized.conditionSize, steps: 5 };
  const request = { id: "pusht", task: "sample", mode: "eager", variant: "plain", model };
  const { parameters } = await worker.ask<{ parameters: number }>("prepare", request);
  if (parameters !== sized.parameterCount) {
    throw new Error(`PyTorch's network has ${parameters} parameters, advect's ${sized.parameterCount}`);
  }
  return {
    about: { name: "PyTorch eager", version: interpreter.torch },
    contender: {
      settings: "one thread",
      round: async (steps) => (await worker.ask<{ ms: number[] }>("round", { id: "pusht", steps })).ms,
      close: async () => worker.close(),
    },
  };
}
