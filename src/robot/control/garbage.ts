/** How long the garbage collector held this thread up; in milliseconds of `systemClock`. */
export interface GarbageWatch extends Disposable {
  /** The part of a span, of the last seconds, in which it ran. Known some milliseconds after the span. */
  overlapMs(span: { readonly fromMs: number; readonly toMs: number }): number;
  readonly pauses: { readonly count: number; readonly totalMs: number; readonly maxMs: number };
}

const remembered = 256;

/** Where the platform does not tell, as in browsers, there are no pauses. Dispose it to listen no more. */
export function garbageWatch(): GarbageWatch {
  const recent: { readonly fromMs: number; readonly toMs: number }[] = [];
  const pauses = { count: 0, totalMs: 0, maxMs: 0 };
  const observer = observe(({ startTime, duration }) => {
    recent.push({ fromMs: startTime, toMs: startTime + duration });
    if (recent.length > remembered) recent.shift();
    pauses.count++;
    pauses.totalMs += duration;
    pauses.maxMs = Math.max(pauses.maxMs, duration);
  });
  return {
    overlapMs: ({ fromMs, toMs }) =>
      recent.reduce((sum, gc) => sum + Math.max(0, Math.min(toMs, gc.toMs) - Math.max(fromMs, gc.fromMs)), 0),
    get pauses() {
      return { ...pauses };
    },
    [Symbol.dispose]: () => observer?.disconnect(),
  };
}

function observe(take: (entry: PerformanceEntry) => void): PerformanceObserver | undefined {
  if (!globalThis.PerformanceObserver?.supportedEntryTypes.includes("gc")) return undefined;
  const observer = new PerformanceObserver((list) => list.getEntries().forEach(take));
  observer.observe({ entryTypes: ["gc"] });
  return observer;
}
