import { availableParallelism } from "node:os";
import { hasAvx512 } from "../harness/machine.ts";
import type { Candidate, Contender } from "../harness/measure.ts";
import type { Interpreter } from "../harness/python.ts";
import { Worker } from "../harness/worker.ts";
import { gemmShapes, type SampleModel, type TrainModel } from "./models.ts";

export type Task = "train" | "sample";

interface Hello {
  readonly [key: string]: unknown;
  readonly blas: string;
  readonly modes: Readonly<Record<Task, readonly string[]>>;
}

/** One version of PyTorch, with a process for each combination of threads that is worth trying. */
export interface Peer {
  /** "torch113" or "torch2". */
  readonly name: string;
  readonly version: string;
  readonly blas: string;
  readonly modes: Hello["modes"];
  /** Best GEMM rate in GFLOP/s, by number of threads. */
  gemmPeak(threads: number): Promise<number>;
  /** The model in every setting of this peer, to choose the fastest from. */
  candidates(request: PrepareRequest): Candidate[];
  close(): void;
}

export interface PrepareRequest {
  readonly task: Task;
  readonly mode: string;
  readonly model: TrainModel | SampleModel;
}

export interface Setting {
  readonly label: string;
  readonly torch: number;
  readonly blas: number;
  readonly worker: Worker;
}

const cores = availableParallelism();

export const peerName = ({ torch }: Interpreter): string =>
  torch.startsWith("1.") ? `torch${torch.split(".").slice(0, 2).join("")}` : `torch${torch.split(".")[0]}`;

/** A process for each combination of threads. */
export async function startSettings(
  interpreter: Interpreter,
): Promise<{ settings: Setting[]; core: Readonly<Record<string, string>> }> {
  const old = interpreter.torch.startsWith("1.");
  const core = old ? await fastestCore(interpreter) : {};
  const settings = threadPairs(old).map(([torch, blas]) =>
    startSetting({ interpreter, core, torch, blas, old }),
  );
  return { settings, core };
}

export async function startPeer(interpreter: Interpreter): Promise<Peer> {
  const { settings, core } = await startSettings(interpreter);
  const { blas, modes } = await settings[0]!.worker.ask<Hello>("hello");
  const kernels = core.OPENBLAS_CORETYPE ? ` (${core.OPENBLAS_CORETYPE} kernels)` : "";
  return {
    name: peerName(interpreter),
    version: interpreter.torch,
    blas: `${blas}${kernels}`,
    modes,
    gemmPeak: (threads) => {
      const matching = settings.filter(({ torch, blas }) => Math.max(torch, blas) === threads);
      return bestOf(
        matching.map(
          ({ worker }) =>
            () =>
              gemmRate(worker),
        ),
      );
    },
    candidates: (request) => candidates(settings, request),
    close: () => settings.forEach(({ worker }) => worker.close()),
  };
}

/** MKL follows torch's own number of threads; OpenBLAS has its own, so every pair is tried. */
function threadPairs(separate: boolean): (readonly [torch: number, blas: number])[] {
  const counts = [...new Set([1, cores])];
  return separate
    ? counts.flatMap((torch) => counts.map((blas) => [torch, blas] as const))
    : counts.map((n) => [n, n] as const);
}

function startSetting(options: {
  interpreter: Interpreter;
  core: Readonly<Record<string, string>>;
  torch: number;
  blas: number;
  old: boolean;
}): Setting {
  const { interpreter, core, torch, blas, old } = options;
  const worker = new Worker(interpreter, {
    ...core,
    OMP_NUM_THREADS: `${torch}`,
    TORCH_THREADS: `${torch}`,
    MKL_NUM_THREADS: `${blas}`,
    OPENBLAS_NUM_THREADS: `${blas}`,
  });
  return { label: old ? `${torch} torch / ${blas} BLAS threads` : `${torch} threads`, torch, blas, worker };
}

/** Debian's OpenBLAS does not know processors younger than itself: names the AVX-512 kernels where they are faster. */
async function fastestCore(interpreter: Interpreter): Promise<Readonly<Record<string, string>>> {
  if (!hasAvx512()) return {};
  const rates: number[] = [];
  const choices: Record<string, string>[] = [{}, { OPENBLAS_CORETYPE: "SkylakeX" }];
  for (const core of choices) {
    const worker = new Worker(interpreter, { ...core, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" });
    rates.push(await gemmRate(worker));
    worker.close();
  }
  return rates[1]! > 1.1 * rates[0]! ? choices[1]! : choices[0]!;
}

async function gemmRate(worker: Worker): Promise<number> {
  return bestOf(
    gemmShapes.map((shape) => async () => {
      const { ms } = await worker.ask<{ ms: number[] }>("gemm", { ...shape, repeats: 30 });
      return (2 * shape.m * shape.n * shape.k) / Math.min(...ms) / 1e6;
    }),
  );
}

async function bestOf(trials: readonly (() => Promise<number>)[]): Promise<number> {
  let best = 0;
  for (const trial of trials) best = Math.max(best, await trial());
  return best;
}

/** Every setting of a peer for one model. */
function candidates(settings: readonly Setting[], request: PrepareRequest): Candidate[] {
  return settings.flatMap(({ worker, label }) =>
    variants(request).map((variant) => candidate(worker, { ...request, variant, label })),
  );
}

type Variant = "plain" | "channelsLast" | "frozen";

/** Images may lie channels last in memory, and compiled samplers have their weights packed: at times faster, at times slower. */
function variants({ task, mode, model }: PrepareRequest): Variant[] {
  if (task === "train" && model.x.length === 3) return ["plain", "channelsLast"];
  return task === "sample" && mode === "compile" ? ["plain", "frozen"] : ["plain"];
}

const suffixes: Readonly<Record<Variant, string>> = {
  plain: "",
  channelsLast: ", channels last",
  frozen: ", frozen weights",
};

function candidate(
  worker: Worker,
  { label, ...request }: PrepareRequest & { variant: Variant; label: string },
): Candidate {
  const settings = label + suffixes[request.variant];
  const id = `${request.model.name}, ${request.mode}, ${request.variant}`;
  const round = async (steps: number) => (await worker.ask<{ ms: number[] }>("round", { id, steps })).ms;
  const open = async (): Promise<Contender> => {
    await worker.ask("prepare", { id, ...request });
    return { settings, round, close: async () => void (await worker.ask("release", { id })) };
  };
  return { settings, open };
}
