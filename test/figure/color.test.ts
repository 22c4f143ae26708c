import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromOklab, mix, parseHex, type Rgb, toHex, toOklab } from "../../src/figure/color.ts";
import { palettes } from "../../src/figure/theme.ts";

type Matrix = readonly (readonly [number, number, number])[];

/** What remains of linear light without one kind of cone: the matrices of Machado, Oliveira and Fernandes (2009). */
const visions: Readonly<Record<string, Matrix>> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopic: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopic: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopic: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const light = (value: number) =>
  value <= 10.31475 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
const screen = (value: number) => (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);

function seen(color: Rgb, matrix: Matrix): Rgb {
  const linear = color.map(light);
  return matrix.map((row) => {
    const sum = row.reduce((total, weight, i) => total + weight * linear[i]!, 0);
    return 255 * screen(Math.min(Math.max(sum, 0), 1));
  }) as unknown as Rgb;
}

function distance(a: Rgb, b: Rgb): number {
  const [p, q] = [toOklab(a), toOklab(b)];
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

function luminance(hex: string): number {
  const [r, g, b] = parseHex(hex).map(light) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark, bright] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (bright + 0.05) / (dark + 0.05);
}

describe.each(["light", "dark"] as const)("the %s theme", (theme) => {
  const { panel, background, ink, muted, series, heat } = palettes[theme];

  test("has texts that are readable and series that stand out (contrast 4.5 and 3, as WCAG asks)", () => {
    for (const paper of [panel, background]) {
      for (const text of [ink, muted]) expect(contrast(text, paper)).toBeGreaterThanOrEqual(4.5);
      for (const color of series) expect(contrast(color, paper)).toBeGreaterThanOrEqual(3);
    }
  });

  test.each(Object.keys(visions))("has series that %s eyes tell apart", (vision) => {
    const colors = series.map((color) => seen(parseHex(color), visions[vision]!));
    const distances = colors.flatMap((a, i) => colors.slice(0, i).map((b) => distance(a, b)));
    expect(Math.min(...distances)).toBeGreaterThan(0.08); // about four times the least difference one notices
  });

  test("has a heat whose lightness changes evenly, and that begins near the panel", () => {
    const steps = heat.slice(1).map((color, i) => toOklab(color)[0] - toOklab(heat[i]!)[0]);
    const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
    const coarse = Array.from(
      { length: 15 },
      (_, i) => (toOklab(heat[17 * (i + 1)]!)[0] - toOklab(heat[17 * i]!)[0]) / 17,
    );
    for (const step of coarse) expect(step / mean).toBeCloseTo(1, 0.7);
    expect(distance(heat[0]!, parseHex(panel))).toBeLessThan(0.03);
  });
});

test("colours survive Oklab and back", () => {
  const byte = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(fc.tuple(byte, byte, byte), (color) => {
      expect(fromOklab(toOklab(color))).toEqual(color);
      expect(parseHex(toHex(color))).toEqual(color);
    }),
  );
});

test("a mixture begins and ends with its colours, and grey is halfway between black and white", () => {
  const ends = { from: "#102030", to: "#f0e442" };
  expect([mix(ends, 0), mix(ends, 1)]).toEqual([ends.from, ends.to]);
  expect(toOklab(parseHex(mix({ from: "#000000", to: "#ffffff" }, 0.5)))[0]).toBeCloseTo(0.5, 2);
});
