import { describe, expect, test } from "vitest";
import { array, key, ndarray } from "../../../../src/engine/index.ts";
import {
  navigation,
  navigationDemonstrations,
  navigationObstacles,
  rasterize,
} from "../../../../src/robot/index.ts";

const at = (x: number, y: number) => ndarray(Float64Array.of(x, y), [2]);

describe("navigation", () => {
  test("goes where the velocity leads, at most 1 m/s", () => {
    const environment = navigation();
    environment.reset({ state: at(-0.8, 0.5) });
    expect([...environment.step(array([0.5, 0.25])).observation.data]).toEqual([-0.75, 0.525]);
    const [x, y] = environment.step(array([30, 40])).observation.data;
    expect([x! + 0.75, y! - 0.525].map((d) => Math.round(d * 1e12) / 1e12)).toEqual([0.06, 0.08]);
  });

  test("stops at the disc in the middle, says so, and lets the robot leave", () => {
    const environment = navigation();
    environment.reset({ state: at(-0.8, 0) });
    const steps = Array.from({ length: 10 }, () => environment.step(array([1, 0])));
    expect(steps.map(({ collided }) => collided)).toEqual([...Array(4).fill(false), ...Array(6).fill(true)]);
    expect(steps.at(-1)!.observation.data[0]).toBeCloseTo(-0.4, 12);
    expect(steps.at(-1)!.success).toBe(false);
    expect(environment.step(array([-1, 0])).collided).toBe(false);
  });

  test("never lets the robot into an obstacle or out of the arena", () => {
    const environment = navigation();
    environment.reset({ state: at(-0.6, 0.6) });
    let collisions = 0;
    for (let i = 0; i < 3000; i++) {
      const { observation, collided } = environment.step(array([Math.sin(i * i * 0.37), Math.cos(i * 1.7)]));
      const [x, y] = observation.data as unknown as [number, number];
      const gaps = navigationObstacles.map((o) => Math.hypot(x - o.x, y - o.y) - o.radius - 0.05);
      expect(Math.min(...gaps, 0.95 - Math.abs(x), 0.95 - Math.abs(y))).toBeGreaterThan(-1e-9);
      if (collided) collisions++;
    }
    expect(collisions).toBeGreaterThan(10);
  });

  test.each([
    ["above", 0.55],
    ["below", -0.55],
  ] as const)("reports the way round: %s", (way, y) => {
    const environment = navigation();
    environment.reset({ state: at(-0.15, y) });
    expect(environment.step(array([1, 0])).way).toBeUndefined();
    expect(environment.step(array([1, 0])).way).toBe(way);
    expect(environment.step(array([-1, 0])).way).toBe(way);
  });

  test("ends at the goal with success, or is cut off", () => {
    const environment = navigation({ maxSteps: 3 });
    environment.reset({ state: at(0.65, 0) });
    expect(environment.step(array([1, 0]))).toMatchObject({
      success: true,
      terminated: true,
      truncated: false,
    });
    environment.reset({ seed: 1 });
    const last = [0, 0, 0].map(() => environment.step(array([0, 0])).truncated);
    expect(last).toEqual([false, false, true]);
  });

  test("refuses actions and starts that are none", () => {
    const environment = navigation();
    expect(() => environment.step(array([0, 0]))).toThrow("navigation.step: expected an episode");
    environment.reset({ key: key(0) });
    expect(() => environment.step(array([Number.NaN, 0]))).toThrow("expected finite numbers, got NaN at 0");
    expect(() => environment.step(array([1]))).toThrow("expected an array of shape [2], got shape [1]");
    expect(() => environment.reset({ state: at(2, 0) })).toThrow("expected a place inside the arena");
  });

  test("can be drawn", () => {
    const environment = navigation();
    environment.reset({ state: at(-0.5, 0.5) });
    environment.step(array([1, 0]));
    const { data } = rasterize(environment.scene());
    const pixel = (x: number, y: number) => [...data.slice(3 * (256 * y + x), 3 * (256 * y + x) + 3)];
    expect(pixel(77, 64)).toEqual([65, 105, 225]);
    expect(pixel(128, 128)).toEqual([160, 168, 178]);
    expect(pixel(10, 250)).toEqual([255, 255, 255]);
  });
});

describe("its demonstrations", () => {
  const set = navigationDemonstrations({ key: key("demonstrations"), count: 100 });
  const states = set.columns["observation.state"]!.data as Float32Array;
  const actions = set.columns.action!.data as Float32Array;

  test("all reach the goal without a collision, half of them by each way", () => {
    const environment = navigation();
    const ways = set.episodes.map(({ start, end }) => {
      environment.reset({ state: ndarray(states.slice(2 * start, 2 * start + 2), [2]) });
      const steps = Array.from({ length: end - start }, (_, i) =>
        environment.step(ndarray(actions.slice(2 * (start + i), 2 * (start + i) + 2), [2])),
      );
      expect(steps.some(({ collided }) => collided)).toBe(false);
      expect(steps.at(-1)!.success).toBe(true);
      return steps.at(-1)!.way;
    });
    expect(ways.filter((way) => way === "above").length).toBe(50);
    expect(ways.filter((way) => way === "below").length).toBe(50);
  });

  test("do not tell the way by where they start", () => {
    const heights = [0, 1].map((parity) => {
      const own = set.episodes.filter((_, i) => i % 2 === parity);
      return own.reduce((sum, { start }) => sum + states[2 * start + 1]!, 0) / own.length;
    });
    // Standard error of the difference: 0.2 / sqrt(12) * sqrt(2 / 50) = 0.012.
    expect(Math.abs(heights[0]! - heights[1]!)).toBeLessThan(0.04);
  });

  test("average, as a regression of the first action does, straight into the disc", () => {
    const first = set.episodes.map(({ start }) => [actions[2 * start]!, actions[2 * start + 1]!] as const);
    const mean = [0, 1].map((k) => first.reduce((sum, action) => sum + action[k as 0 | 1], 0) / first.length);
    expect(Math.min(...first.map(([, vy]) => Math.abs(vy)))).toBeGreaterThan(0.2);
    const environment = navigation();
    environment.reset({ state: at(-0.8, 0) });
    const steps = Array.from({ length: 20 }, () => environment.step(array(mean)));
    expect(steps.some(({ collided }) => collided)).toBe(true);
  });

  test("are the same for the same key, and an episode does not depend on how many there are", () => {
    const fewer = navigationDemonstrations({ key: key("demonstrations"), count: 4 });
    const frames = fewer.episodes.at(-1)!.end;
    expect(fewer.columns.action!.data).toEqual(actions.slice(0, 2 * frames));
    const others = navigationDemonstrations({ key: key("others"), count: 4 });
    expect(others.columns.action!.data).not.toEqual(fewer.columns.action!.data);
  });

  test.each([0, 3, 2.5, -2])("cannot be %d", (count) => {
    expect(() => navigationDemonstrations({ key: key(0), count })).toThrow("expected an even count >= 2");
  });
});
