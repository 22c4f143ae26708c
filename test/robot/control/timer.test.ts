import { describe, expect, test } from "vitest";
import { simulatedTimer, systemTimer } from "../../../src/robot/control/index.ts";

describe("the system's timer", () => {
  test("never wakes up early, and lets the thread answer what comes in while it waits", async () => {
    const timer = systemTimer();
    let answered = 0;
    const counting = setInterval(() => answered++, 1);
    const startMs = timer.nowMs();
    for (let tick = 1; tick <= 20; tick++) {
      await timer.reach(startMs + 5 * tick);
      expect(timer.nowMs()).toBeGreaterThanOrEqual(startMs + 5 * tick);
    }
    clearInterval(counting);
    expect(answered).toBeGreaterThan(10);
  });

  test("lets the thread answer what comes in also where it is always too late", async () => {
    const timer = systemTimer();
    let answered = 0;
    const counting = setInterval(() => answered++, 1);
    const startMs = timer.nowMs();
    for (let i = 0; i < 20; i++) {
      await timer.reach(startMs);
      for (const busyMs = timer.nowMs() + 2; timer.nowMs() < busyMs; );
    }
    clearInterval(counting);
    expect(answered).toBeGreaterThan(10);
  });

  test("is busy for a millisecond at most, whatever it is asked for", async () => {
    let nowMs = 0;
    let turn = 0;
    const questions: number[] = [];
    const clock = {
      nowMs() {
        questions[turn] = (questions[turn] ?? 0) + 1;
        nowMs += 0.01;
        return nowMs;
      },
    };
    const turning = setInterval(() => turn++, 0);
    const beat = () => {
      turn++;
      if (nowMs < 5) setImmediate(beat);
    };
    setImmediate(beat);
    await systemTimer({ clock, spinMs: 50 }).reach(5);
    clearInterval(turning);
    expect(nowMs).toBeGreaterThanOrEqual(5);
    const longest = Math.max(...questions.filter((count) => count !== undefined));
    expect(longest).toBeGreaterThan(50);
    expect(longest).toBeLessThanOrEqual(103);
  });

  test("calls off what is disposed", async () => {
    const timer = systemTimer();
    let called = 0;
    timer.at(timer.nowMs() + 1, () => called++)[Symbol.dispose]();
    timer.at(timer.nowMs() + 1, () => (called += 10));
    await timer.reach(timer.nowMs() + 30);
    expect(called).toBe(10);
  });

  test("knows the collector's pauses", async () => {
    const timer = systemTimer();
    using garbage = timer.watchGarbage!();
    const fromMs = timer.nowMs();
    let kept: unknown[] = [];
    for (let i = 0; i < 100; i++) kept = Array.from({ length: 20_000 }, (_, k) => ({ k, i }));
    const toMs = timer.nowMs();
    await timer.reach(toMs + 30);
    expect(kept).toHaveLength(20_000);
    expect(garbage.pauses.count).toBeGreaterThan(0);
    const during = garbage.overlapMs({ fromMs, toMs });
    expect(during).toBeGreaterThan(0);
    expect(during).toBeLessThanOrEqual(toMs - fromMs);
    expect(garbage.overlapMs({ fromMs: fromMs - 2000, toMs: fromMs - 1000 })).toBe(0);
  });
});

describe("simulated time", () => {
  test("jumps to what is waited for, in the order of the times, then of the waits", async () => {
    const timer = simulatedTimer({ startMs: 100 });
    const seen: string[] = [];
    const wait = async (name: string, timeMs: number) => {
      await timer.reach(timeMs);
      seen.push(`${name} ${timer.nowMs()}`);
    };
    await Promise.all([wait("c", 3_600_000), wait("a", 200), wait("past", 50), wait("b", 200)]);
    expect(seen).toEqual(["past 100", "a 200", "b 200", "c 3600000"]);
  });

  test("lets everything happen that follows from one moment before the next one", async () => {
    const timer = simulatedTimer();
    const seen: number[] = [];
    const chain = async () => {
      for (let i = 0; i < 50; i++) await Promise.resolve();
      seen.push(timer.nowMs());
    };
    timer.at(10, () => void chain());
    await timer.reach(11);
    expect(seen).toEqual([10]);
  });

  test("stands still while it is held, however often", async () => {
    const timer = simulatedTimer();
    const [first, second] = [timer.hold(), timer.hold()];
    let reached = false;
    const wait = timer.reach(5).then(() => (reached = true));
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(reached).toBe(false);
    second[Symbol.dispose]();
    await wait;
    expect(timer.nowMs()).toBe(5);
  });

  test("forgets what is disposed", async () => {
    const timer = simulatedTimer();
    timer.at(1, () => expect.unreachable("called off"))[Symbol.dispose]();
    await timer.reach(2);
  });
});
