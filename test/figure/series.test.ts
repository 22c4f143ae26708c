import { describe, expect, test } from "vitest";
import { curvesFigure, type Figure, figureToSvg, histogramFigure } from "../../src/figure/index.ts";
import { elements, parseXml } from "./xml.ts";

const kinds: Readonly<Record<string, (values: readonly number[]) => Figure>> = {
  curves: (y) =>
    curvesFigure({ panels: [{ title: "a", curves: [{ name: "b", x: y.map((_, i) => i), y }] }] }),
  histograms: (values) => histogramFigure({ panels: [{ title: "a", histograms: [{ name: "b", values }] }] }),
};

describe.each(Object.entries(kinds))("a figure of %s", (_, figure) => {
  test.each(["light", "dark"] as const)(
    "is well-formed XML without NaN, whatever the values (%s)",
    (theme) => {
      for (const values of [[1, 2, 3, 2], [5], [], [Number.NaN, 1, Number.POSITIVE_INFINITY]]) {
        const svg = figureToSvg(figure(values), { theme });
        const root = parseXml(svg);
        expect(root.attributes.viewBox).toBe(`0 0 ${root.attributes.width} ${root.attributes.height}`);
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
        expect(root.children[0]!.text).toBe(root.attributes["aria-label"]);
      }
      expect(figureToSvg(figure([]))).toContain("no values");
    },
  );
});

/** The points of the lines of the first panel; y in thousandths. */
function drawnPoints(figure: Figure): [number, number][][] {
  const frame = { width: 100, height: 100, at: (x: number, y: number) => [x, 1000 * y] as const };
  const marks = figure.panels[0]!.marks.map((mark) => mark({ ...frame, palette: { series: [] } as never }));
  return marks.map((svg) => {
    const [path] = elements(parseXml(`<svg>${svg}</svg>`), "path");
    const places = path!.attributes.d!.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g);
    return Array.from(places, ([, x, y]) => [Number(x), Number(y) / 1000]);
  });
}

test("a histogram's bins hold what lies in them, and the area below it is 1", () => {
  const values = [0, 0, 0, 10, 20, 30, 40];
  const [points] = drawnPoints(
    histogramFigure({ bins: 4, panels: [{ histograms: [{ name: "a", values }] }] }),
  );
  const tops = points!.slice(1, -1).filter((_, i) => i % 2 === 0);
  expect(tops.map(([left]) => left)).toEqual([0, 10, 20, 30]);
  const share = tops.map(([, density]) => 10 * density);
  [3, 1, 1, 2].forEach((count, i) => expect(share[i]).toBeCloseTo(count / 7, 2));
  expect(share.reduce((sum, part) => sum + part)).toBeCloseTo(1, 2);
});

test("histograms of no bins are refused, and values that are not finite are counted below", () => {
  expect(() => histogramFigure({ bins: 0, panels: [] })).toThrow(/at least 1 bin/);
  const values = [1, Number.NaN, 2];
  const { notes } = histogramFigure({ panels: [{ histograms: [{ name: "a", values }] }] });
  expect(notes).toEqual(["1 value left out: not finite."]);
});

test("curves go through their points, each panel on its own scale, with a legend where there are several", () => {
  const curve = { name: "a", x: [0, 1, 2], y: [3, 5, 4] };
  const figure = curvesFigure({
    panels: [{ curves: [curve, { ...curve, name: "b" }] }, { curves: [curve] }],
  });
  expect(drawnPoints(figure)[0]).toEqual([
    [0, 3],
    [1, 5],
    [2, 4],
  ]);
  expect(figure.legend!.map(({ name }) => name)).toEqual(["a", "b"]);
  const [{ y }] = curvesFigure({ panels: [{ curves: [{ ...curve, y: [0, 100, 0] }] }] }).panels as [
    Figure["panels"][0],
  ];
  expect(y.low).toBeLessThan(0);
  expect(y.high).toBeGreaterThan(100);
});
