import type { Clock } from "../../engine/clock.ts";
import type { Key } from "../../engine/random/index.ts";
import type { GivenList } from "../../engine/runtime/index.ts";
import type { Batches, Trainer } from "../../train/index.ts";

const trialSeconds = 1.5;
/** Left for checkpoints and the log. */
const share = 0.97;

interface BudgetRequest {
  readonly seconds: number;
  readonly key: Key;
  readonly clock: Clock;
}

interface Trained<P, Args extends readonly unknown[]> {
  readonly trainer: Trainer<P, Args>;
  readonly batches: Batches<GivenList<Args>>;
}

/**
 * How many steps fit in so many seconds here: a few are taken, timed and taken back. The first ones, which are slower,
 * do not count. At least 1.
 */
export async function stepsWithin<P, Args extends readonly unknown[]>(
  { trainer, batches }: Trained<P, Args>,
  { seconds, key, clock }: BudgetRequest,
): Promise<number> {
  const before = trainer.snapshot();
  const { microBatches } = trainer;
  const take = async (step: number) => {
    for (let i = 0; i < microBatches; i++) {
      const batch = await batches.at(step * microBatches + i, key);
      await (i + 1 < microBatches ? trainer.accumulate(...batch) : trainer.step(...batch));
    }
  };
  for (let step = 0; step < 3; step++) await take(step);
  const began = clock.nowMs();
  const elapsed = () => (clock.nowMs() - began) / 1000;
  let taken = 0;
  for (; taken < 1000 && (taken === 0 || elapsed() < Math.min(trialSeconds, seconds / 4)); taken++)
    await take(3 + taken);
  const perStep = elapsed() / taken;
  trainer.restore(before);
  return Math.max(1, Math.floor((share * seconds) / perStep));
}
