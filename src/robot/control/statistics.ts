import type { GarbageWatch } from "./garbage.ts";
import { type DurationSummary, histogram } from "./histogram.ts";
import { type JerkSummary, jerkMeter } from "./jerk.ts";
import type { EventKind, TickState } from "./tick.ts";

const worstKept = 10;

/** How well a loop kept time, and what it did. */
export interface LoopStatistics {
  /** Ticks in each state, and those that went by while the thread was busy. */
  readonly ticks: Readonly<Record<TickState, number>> & { readonly skipped: number };
  /**
   * Ticks, from the first chunk on, with an action that was issued more than `lateMs` after its tick, without an action of
   * a chunk, or skipped; a tick counts once in `total`.
   */
  readonly misses: {
    readonly total: number;
    readonly late: number;
    readonly empty: number;
    readonly skipped: number;
  };
  /** From the tick to the moment its action was issued. */
  readonly lateness: DurationSummary;
  /** The parts of it: waking up too late without the collector's doing, the collector, and the rest, which is work. */
  readonly timer: DurationSummary;
  readonly garbage: DurationSummary;
  readonly work: DurationSummary;
  /** The ten ticks whose actions were latest, the latest first. */
  readonly worst: readonly LateTick[];
  /** All pauses of the collector while the loop ran; 0 where the platform does not tell. */
  readonly garbagePauses: { readonly count: number; readonly totalMs: number; readonly maxMs: number };
  /** From asking to having; of those that came. */
  readonly inference: DurationSummary;
  readonly observation: DurationSummary;
  /** Ticks between a chunk's observation and the first tick that could play it; counts by number. */
  readonly delaySteps: readonly number[];
  /** Of the commands that were issued: in units per second cubed, by dimension. */
  readonly jerk: { readonly inside: JerkSummary; readonly boundary: JerkSummary };
  readonly events: Readonly<Record<EventKind, number>>;
}

/** What made an action late. */
export interface LateTick {
  readonly tick: number;
  readonly latenessMs: number;
  readonly timerMs: number;
  readonly garbageMs: number;
  readonly workMs: number;
}

/** What happened in a tick, as far as it is measured. */
export interface TickTimes {
  readonly tick: number;
  readonly state: TickState;
  readonly dueMs: number;
  readonly wokenMs: number;
  readonly issuedMs: number;
  readonly action: Float64Array | undefined;
  readonly chunk: number | undefined;
}

export interface StatisticsOptions {
  readonly size: number;
  readonly stepSeconds: number;
  /** An action later than this is missed. */
  readonly lateMs: number;
  readonly garbage: GarbageWatch | undefined;
}

export type Meter = ReturnType<typeof meter>;

/** Counts all of it in bounded memory. */
export function meter({ size, stepSeconds, lateMs, garbage }: StatisticsOptions) {
  const durations = {
    lateness: histogram(),
    timer: histogram(),
    garbage: histogram(),
    work: histogram(),
    inference: histogram(),
    observation: histogram(),
  };
  const ticks = { waiting: 0, playing: 0, holding: 0, blind: 0, skipped: 0 };
  const misses = { total: 0, late: 0, empty: 0, skipped: 0 };
  const events: Record<EventKind, number> = {
    observation: 0,
    policy: 0,
    clamp: 0,
    skip: 0,
    robot: 0,
    recorder: 0,
    hold: 0,
    play: 0,
    stop: 0,
  };
  const delaySteps: number[] = [];
  const jerk = jerkMeter({ size, stepSeconds });
  let worst: readonly LateTick[] = [];
  let unsplit: TickTimes | undefined;

  /** One tick later, when the collector's pauses have become known. */
  const split = () => {
    if (!unsplit) return;
    const { tick, dueMs, wokenMs, issuedMs } = unsplit;
    const asleep = garbage?.overlapMs({ fromMs: dueMs, toMs: wokenMs }) ?? 0;
    const awake = garbage?.overlapMs({ fromMs: Math.max(dueMs, wokenMs), toMs: issuedMs }) ?? 0;
    const timerMs = wokenMs - dueMs - asleep;
    const workMs = issuedMs - wokenMs - awake;
    durations.timer.add(timerMs);
    durations.garbage.add(asleep + awake);
    durations.work.add(workMs);
    const late = { tick, latenessMs: issuedMs - dueMs, timerMs, garbageMs: asleep + awake, workMs };
    if (worst.length < worstKept || late.latenessMs > worst.at(-1)!.latenessMs) {
      worst = [...worst, late].sort((a, b) => b.latenessMs - a.latenessMs).slice(0, worstKept);
    }
    unsplit = undefined;
  };

  return {
    tick(times: TickTimes): void {
      split();
      unsplit = times;
      const { tick, state, dueMs, issuedMs, action, chunk } = times;
      const latenessMs = issuedMs - dueMs;
      ticks[state]++;
      durations.lateness.add(latenessMs);
      if (action) jerk.add(action, { tick, chunk });
      if (ticks.playing === 0) return;
      const [late, empty] = [latenessMs > lateMs, state !== "playing"];
      misses.late += Number(late);
      misses.empty += Number(empty);
      misses.total += Number(late || empty);
    },
    skipped(count: number): void {
      ticks.skipped += count;
      if (ticks.playing === 0) return;
      misses.skipped += count;
      misses.total += count;
    },
    duration(name: "inference" | "observation", ms: number): void {
      durations[name].add(ms);
    },
    delay(steps: number): void {
      delaySteps[steps] = (delaySteps[steps] ?? 0) + 1;
    },
    event(kind: EventKind): void {
      events[kind]++;
    },
    summary(): LoopStatistics {
      split();
      const summaries = Object.entries(durations).map(([name, of]) => [name, of.summary()]);
      return {
        ...(Object.fromEntries(summaries) as Record<keyof typeof durations, DurationSummary>),
        ticks: { ...ticks },
        misses: { ...misses },
        worst,
        garbagePauses: garbage?.pauses ?? { count: 0, totalMs: 0, maxMs: 0 },
        delaySteps: Array.from(delaySteps, (count) => count ?? 0),
        jerk: jerk.summary(),
        events: { ...events },
      };
    },
  };
}
