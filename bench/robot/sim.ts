import { pushtDemonstrations } from "advect/data";
import { ndarray } from "advect/engine";
import { pushT } from "advect/robot";
import { type Contender, interleave } from "../harness/measure.ts";
import { type Row, ratioOf } from "../harness/results.ts";
import { type Episode, type PymunkContender, pymunkPeer } from "./pymunk.ts";

/** Environment steps, of ten substeps each, that are timed together: 50 ms is 20,000 a second. */
const batch = 1000;
/** Simulating is to be this many times as fast as pymunk. */
const target = 10;

export interface SimOptions {
  readonly rounds: number;
  readonly quick: boolean;
}

/**
 * PushT's first 20 recorded episodes, replayed: whole steps of advect's environment beside pymunk's physics alone, and
 * beside pymunk with observation, coverage and reward.
 */
export async function simRows({ rounds, quick }: SimOptions): Promise<Row[]> {
  const episodes = await recorded(20);
  const peer = await pymunkPeer();
  if (peer === undefined) console.log("No pymunk found: `npm run bench:setup` installs it into .venv.");
  const opponents: PymunkContender[] = [];
  for (const mode of peer?.modes ?? []) opponents.push(await peer!.open({ mode, episodes, batch }));
  for (const opponent of opponents) checkEqual(finalStates(episodes), await opponent.finalStates());
  const own = advect(episodes);
  const effort = { rounds, roundMs: quick ? 200 : 1000 };
  const [mine, ...others] = await interleave([own, ...opponents], effort);
  for (const opponent of opponents) await opponent.close();
  const perSecond = Math.round((1000 * batch) / mine!.medianMs);
  const base = {
    name: `PushT, ${batch} steps`,
    advect: { ...mine!, settings: own.settings },
    note: `${perSecond.toLocaleString("en")} environment steps a second on one core (median)`,
  };
  if (peer === undefined) return [{ ...base, peer: null, ratio: null, target: null }];
  return others.map((timing, i): Row => {
    const named = { name: `pymunk ${peer.modes[i]}`, version: peer.version, settings: "one thread" };
    const note = i === 0 ? base.note : "";
    return { ...base, note, peer: { ...named, ...timing }, ratio: ratioOf(mine!, timing), target };
  });
}

async function recorded(count: number): Promise<Episode[]> {
  const set = await pushtDemonstrations();
  const actions = set.columns.action!.data as Float32Array;
  return set.episodes.slice(0, count).map(({ start, end }, seed): Episode => {
    const rows = Array.from({ length: end - start }, (_, i) => start + i);
    return [seed, rows.map((row) => [actions[2 * row]!, actions[2 * row + 1]!])];
  });
}

function advect(episodes: readonly Episode[]): Contender {
  const steps = endless(episodes);
  const one = () => {
    const start = performance.now();
    for (let i = 0; i < batch; i++) steps.next();
    return performance.now() - start;
  };
  return {
    settings: "one thread",
    round: async (count) => Array.from({ length: count + 1 }, one).slice(1),
    close: async () => {},
  };
}

/** Takes one environment step a turn; begins with the first episode again after the last. */
function* endless(episodes: readonly Episode[]): Generator<void> {
  const environment = pushT();
  for (;;) {
    for (const [seed, actions] of episodes) {
      environment.reset({ seed });
      for (const action of actions) {
        environment.step(ndarray(Float64Array.from(action), [2]));
        yield;
      }
    }
  }
}

function finalStates(episodes: readonly Episode[]): number[][] {
  const environment = pushT();
  return episodes.map(([seed, actions]) => {
    environment.reset({ seed });
    for (const action of actions) environment.step(ndarray(Float64Array.from(action), [2]));
    return [...environment.state().data];
  });
}

/** Both sides must have simulated the same: throws unless all states end within 1e-6 of each other. */
function checkEqual(own: readonly (readonly number[])[], theirs: readonly (readonly number[])[]): void {
  const differences = own.flatMap((state, i) => state.map((value, k) => Math.abs(value - theirs[i]![k]!)));
  const worst = Math.max(...differences);
  if (!(worst < 1e-6)) throw new Error(`pymunk's episodes end up to ${worst} elsewhere: not the same scene`);
  console.log(`final states of ${own.length} episodes differ by at most ${worst.toExponential(1)}`);
}
