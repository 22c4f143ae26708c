import { describe, expect, test } from "vitest";
import { type Mark, rasterize, type Scene } from "../../../../src/robot/index.ts";

const white = [255, 255, 255] as const;
const red = [255, 0, 0] as const;
const scene = (...marks: Mark[]): Scene => ({ width: 40, height: 30, background: white, marks });

/** The image as rows of characters, "#" where it is red. */
function picture(of: Scene): string[] {
  const { data, shape } = rasterize(of);
  return Array.from({ length: shape[0]! }, (_, y) =>
    Array.from({ length: shape[1]! }, (_, x) => (data[3 * (y * shape[1]! + x) + 1] === 0 ? "#" : ".")).join(
      "",
    ),
  );
}
const count = (of: Scene) => picture(of).join("").split("#").length - 1;

describe("rasterize", () => {
  test("fills polygons with their outline", () => {
    const square = scene({
      kind: "polygon",
      points: [
        [3, 2],
        [6, 2],
        [6, 4],
        [3, 4],
      ],
      color: red,
    });
    expect(
      picture(square)
        .slice(1, 6)
        .map((row) => row.slice(0, 9)),
    ).toEqual([".........", "...####..", "...####..", "...####..", "........."]);
  });

  test("draws discs about as large as they are, and clips at the border", () => {
    const disc = (x: number): Mark => ({ kind: "disc", center: [x, 15], radius: 10, color: red });
    expect(Math.abs(count(scene(disc(20))) - Math.PI * 100)).toBeLessThan(12);
    expect(Math.abs(count(scene(disc(0))) - Math.PI * 50)).toBeLessThan(12);
    expect(count(scene(disc(-30)))).toBe(0);
  });

  test("draws lines of their width, level, upright and slanting", () => {
    const line = (to: readonly [number, number]) =>
      count(scene({ kind: "line", from: [5, 5], to, width: 4, color: red }));
    expect(Math.abs(line([35, 5]) - 4 * 32)).toBeLessThan(36);
    expect(Math.abs(line([5, 25]) - 4 * 22)).toBeLessThan(26);
    expect(Math.abs(line([25, 25]) - 4 * Math.hypot(20, 20))).toBeLessThan(50);
  });

  test("draws later marks over earlier ones", () => {
    const blue = [0, 0, 255] as const;
    const disc = (color: typeof red | typeof blue): Mark => ({
      kind: "disc",
      center: [20, 15],
      radius: 5,
      color,
    });
    const { data } = rasterize(scene(disc(red), disc(blue)));
    expect([...data.slice(3 * (15 * 40 + 20), 3 * (15 * 40 + 20) + 3)]).toEqual(blue);
  });

  test("keeps a uniform image uniform in every size, and the mean of a halved one", () => {
    for (const size of [1, 7, 40, 83]) {
      expect(new Set(rasterize(scene(), { width: size, height: size }).data)).toEqual(new Set([255]));
    }
    const half = scene({
      kind: "polygon",
      points: [
        [0, 0],
        [19, 0],
        [19, 29],
        [0, 29],
      ],
      color: [0, 0, 0],
    });
    const mean = ({ data }: { data: Uint8Array }) =>
      data.reduce((sum, value) => sum + value, 0) / data.length;
    expect(mean(rasterize(half))).toBeCloseTo(127.5, 5);
    expect(Math.abs(mean(rasterize(half, { width: 20, height: 15 })) - 127.5)).toBeLessThan(1);
  });

  test.each([0, -3, 2.5, Number.NaN, 1e6])("refuses a width of %d", (width) => {
    expect(() => rasterize(scene(), { width })).toThrow("rasterize: expected a width and a height");
  });
});
