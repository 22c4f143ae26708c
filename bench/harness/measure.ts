/** Something that can be timed: advect, or a peer behind a process. */
export interface Contender {
  /** Threads and the like, as it stands in the results. */
  readonly settings: string;
  /** Milliseconds of each of `steps` consecutive steps, after one that does not count. */
  round(steps: number): Promise<readonly number[]>;
  /** Frees what the contender holds. */
  close(): Promise<void>;
}

export interface Timing {
  readonly medianMs: number;
  readonly minMs: number;
}

export interface Effort {
  readonly rounds: number;
  /** How long the slowest contender's round should take; its step count is everyone's. */
  readonly roundMs: number;
}

/** Rests between turns, so that the threads of one side have stopped spinning when the other starts. */
const restMs = 60;

/**
 * Times the contenders in turn, round after round, every second round in reverse order: what disturbs the machine
 * disturbs all. A contender's minimum is over all its steps, its median over the medians of its rounds.
 */
export async function interleave(contenders: readonly Contender[], effort: Effort): Promise<Timing[]> {
  const steps = await stepCount(contenders, effort.roundMs);
  const rounds = contenders.map((): number[][] => []);
  for (let round = 0; round < effort.rounds; round++) {
    const order = [...contenders.keys()];
    for (const i of round % 2 === 0 ? order : order.reverse()) {
      rounds[i]!.push([...(await turn(contenders[i]!, steps))]);
    }
  }
  return rounds.map((times) => ({
    medianMs: median(times.map(median)),
    minMs: Math.min(...times.flat()),
  }));
}

/** A way to run one side; opening it may take long (building, compiling). */
export interface Candidate {
  readonly settings: string;
  open(): Promise<Contender>;
}

/** Opens each candidate in turn for a short trial, and opens again the best one, by minimum times median: fast and steady. */
export async function fastest(candidates: readonly Candidate[], trialMs: number): Promise<Contender> {
  if (candidates.length === 1) return candidates[0]!.open();
  const scores: number[] = [];
  for (const candidate of candidates) {
    const contender = await candidate.open();
    const steps = await stepCount([contender], trialMs);
    const times = await turn(contender, steps);
    scores.push(Math.min(...times) * median(times));
    await contender.close();
  }
  return candidates[scores.indexOf(Math.min(...scores))]!.open();
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

async function turn(contender: Contender, steps: number): Promise<readonly number[]> {
  await new Promise((resolve) => setTimeout(resolve, restMs));
  return contender.round(steps);
}

async function stepCount(contenders: readonly Contender[], roundMs: number): Promise<number> {
  let slowest = 0;
  for (const contender of contenders) slowest = Math.max(slowest, Math.min(...(await turn(contender, 2))));
  return Math.min(5000, Math.max(3, Math.round(roundMs / slowest)));
}
