import { describe, expect, test } from "vitest";
import { duration, progressLine } from "../../src/train/progress-line.ts";

/** A line on a terminal of its own, with a clock to turn. */
function screen(isTTY: boolean, options = {}) {
  const written: string[] = [];
  const clock = { ms: 0, nowMs: () => clock.ms };
  const to = { isTTY, write: (text: string) => written.push(text) };
  const line = progressLine({ to, clock, steps: 1000, start: 100, samplesPerStep: 64, ...options });
  return { line, clock, written };
}

describe("on a terminal", () => {
  test("one line is drawn again in its place, ten times a second at most", () => {
    const { line, clock, written } = screen(true);
    for (let i = 1; i <= 100; i++) {
      clock.ms = 10 * i;
      line.show({ step: 100 + i, loss: 1 / i });
    }
    expect(written.length).toBe(10);
    expect(written.every((text) => text.startsWith("\r") && text.endsWith("\x1b[K"))).toBe(true);
    expect(written.at(-1)).toContain("step 191/1000  loss 0.01099  6,400 samples/s  8s left");
    line.finish("Stopped.");
    expect(written.slice(-3)).toEqual([
      "\rstep 200/1000  loss 0.01000  6,400 samples/s  8s left\x1b[K",
      "\n",
      "Stopped.\n",
    ]);
  });
});

describe("elsewhere", () => {
  test("plain lines come every ten seconds, and a last one", () => {
    const { line, clock, written } = screen(false);
    for (let i = 1; i <= 25; i++) {
      clock.ms = 1000 * i;
      line.show({ step: 100 + i });
    }
    line.finish();
    expect(written).toEqual([
      "step 101/1000  64 samples/s  14m 59s left\n",
      "step 111/1000  64 samples/s  14m 49s left\n",
      "step 121/1000  64 samples/s  14m 39s left\n",
      "step 125/1000  64 samples/s  14m 35s left\n",
    ]);
  });

  test("the interval can be chosen, and nothing is written when nothing was shown", () => {
    const { line, clock, written } = screen(false, { everyMs: 2000 });
    line.finish();
    expect(written).toEqual([]);
    for (let i = 1; i <= 4; i++) {
      clock.ms = 1000 * i;
      line.show({ step: 100 + i, loss: 2 });
    }
    expect(written.map((text) => text.slice(0, 8))).toEqual(["step 101", "step 103"]);
  });
});

test.each([
  [0.4, "0s"],
  [59.4, "59s"],
  [59.6, "1m 00s"],
  [3599, "59m 59s"],
  [3599.9, "1h 00m"],
  [7500, "2h 05m"],
  [86_399, "1d 00h"],
  [273_600, "3d 04h"],
])("%d seconds are %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
