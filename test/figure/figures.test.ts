import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { array, ndarray } from "../../src/engine/index.ts";
import {
  crossingsFigure,
  densityFigure,
  type Figure,
  fieldFigure,
  figureToSvg,
  gridPoints,
  imageGrid,
  lossFigure,
  qualityFigure,
  samplesFigure,
  trajectoriesFigure,
} from "../../src/figure/index.ts";
import { gaussian } from "./points.ts";
import { elements, parseXml } from "./xml.ts";

const window = { x: [-2, 2], y: [-1, 1] } as const;
const none = ndarray(new Float32Array(0), [0, 2]);
const one = array([[1, 1]]);
const bad = array([
  [0, 0],
  [Number.NaN, 1],
  [1, Number.POSITIVE_INFINITY],
]);

/** Each kind of figure: of data as they should be, of none, and of some that cannot be drawn. */
const kinds: Readonly<Record<string, (points: typeof none) => Figure>> = {
  samples: (points) => samplesFigure({ panels: [{ title: "a", points }] }),
  trajectories: (points) =>
    trajectoriesFigure({ panels: [{ title: "a", trajectory: ndarray(points.data, [1, ...points.shape]) }] }),
  field: (points) => fieldFigure({ panels: [{ title: "a", points, velocity: points }] }),
  density: (points) => densityFigure({ window, panels: [{ title: "a", points }] }),
  crossings: (points) => crossingsFigure({ panels: [{ title: "a", x0: points, x1: points }] }),
  loss: (points) => lossFigure({ runs: [{ name: "a", losses: points.data }] }),
  quality: (points) =>
    qualityFigure({ metric: "W2", methods: [{ name: "a", nfe: points.data, values: points.data }] }),
  images: (points) => imageGrid({ images: ndarray(points.data, [points.shape[0]!, 1, 2]) }),
};

describe.each(Object.entries(kinds))("a figure of %s", (_, figure) => {
  test.each(["light", "dark"] as const)(
    "is well-formed XML without NaN, the same bytes each time (%s)",
    (theme) => {
      for (const points of [gaussian("a", 20), gaussian("a", 1), none, bad]) {
        const svg = figureToSvg(figure(points), { theme });
        const root = parseXml(svg);
        expect(root.attributes.viewBox).toBe(`0 0 ${root.attributes.width} ${root.attributes.height}`);
        expect(svg).not.toMatch(/NaN|Infinity|undefined|"[^"]*\de[+-]\d/);
        expect(figureToSvg(figure(points), { theme })).toBe(svg);
      }
    },
  );

  test("says what it shows, and that there is nothing to show", () => {
    const root = parseXml(figureToSvg(figure(none)));
    expect(root.attributes.role).toBe("img");
    expect(root.children[0]!.text).toBe(root.attributes["aria-label"]);
    expect(root.text).toMatch(/\bno (points|particles|velocities|density here|pairs|losses|values|images)\b/);
  });

  test("says what it had to leave out", () => {
    expect(parseXml(figureToSvg(figure(bad))).text).toMatch(/not (a )?finite/);
    expect(parseXml(figureToSvg(figure(one))).text).not.toMatch(/finite/);
  });
});

test("any numbers make a figure", () => {
  const points = fc.array(fc.tuple(fc.double(), fc.double()), { maxLength: 6 });
  fc.assert(
    fc.property(points, fc.constantFrom(...Object.values(kinds)), (rows, figure) => {
      const data = ndarray(Float64Array.from(rows.flat()), [rows.length, 2]);
      const svg = figureToSvg(figure(data as unknown as typeof none));
      parseXml(svg);
      expect(svg).not.toMatch(/NaN|Infinity|"[^"]*\de[+-]\d/);
    }),
  );
});

test("text of users cannot leave its place", () => {
  const title = `</text><script>alert("1")</script>&amp; 'x'`;
  const root = parseXml(figureToSvg(samplesFigure({ title, panels: [{ title, points: gaussian("a", 3) }] })));
  expect(elements(root, "script")).toEqual([]);
  expect(elements(root, "text").filter(({ text }) => text.includes("<script>"))).not.toEqual([]);
});

test("samples are where their axes say: dots at round numbers lie on the lines of the grid", () => {
  const points = array([
    [-1, 0],
    [1, 0.5],
  ]);
  const root = parseXml(figureToSvg(samplesFigure({ window, panels: [{ title: "a", points }] })));
  const path = elements(root, "path")[0]!.attributes.d!;
  const dots = [...path.matchAll(/M(\S+) (\S+)h0/g)].map(([, x, y]) => [Number(x), Number(y)]);
  expect(dots).toEqual([
    [50, 50],
    [150, 25],
  ]);
  const lines = elements(root, "line").map(({ attributes }) => attributes);
  expect(lines.some(({ x1 }) => x1 === "100")).toBe(true); // x = 0
  expect(lines.some(({ y1 }) => y1 === "50")).toBe(true); // y = 0
});

test("a small figure looks as it did", async () => {
  const points = array([
    [0, 0],
    [1, 2],
  ]);
  const svg = figureToSvg(samplesFigure({ title: "Two points", panels: [{ title: "a & b", points }] }));
  await expect(svg).toMatchFileSnapshot("two-points.svg");
});

test("points outside of the window are counted", () => {
  const points = array([
    [0, 0],
    [9, 0],
    [0, -9],
  ]);
  expect(samplesFigure({ window, panels: [{ title: "a", points }] }).notes).toEqual([
    "2 points outside of the picture.",
  ]);
});

test("arrows point along the field, the longest first in the colours of the bar", () => {
  const points = array([
    [-1, 0],
    [1, 0],
  ]);
  const velocity = array([
    [0, 4],
    [1, 0],
  ]);
  const root = parseXml(figureToSvg(fieldFigure({ window, panels: [{ title: "a", points, velocity }] })));
  const shafts = elements(root, "path").map(
    ({ attributes }) => attributes.d!.match(/^M(\S+) (\S+)L(\S+) (\S+?)M/)!,
  );
  const [slow, fast] = shafts.map(([, ...ends]) => ends.map(Number)) as [number[], number[]];
  expect(slow[3]).toBe(slow[1]); // along x
  expect(fast[2]).toBe(fast[0]); // along y
  expect(slow[2]! - slow[0]!).toBeGreaterThan(0);
  expect(fast[1]! - fast[3]!).toBeCloseTo(2 * (slow[2]! - slow[0]!), 0); // four times the speed; up is less
});

test("a grid has its points at the middles of even cells, from the lower left", () => {
  expect([...gridPoints({ x: [0, 4], y: [10, 12] }, 2).data]).toEqual([1, 10.5, 3, 10.5, 1, 11.5, 3, 11.5]);
});

test("losses that share a column of pixels keep their extremes", () => {
  const losses = Float64Array.from({ length: 50_000 }, (_, i) => (i === 31_234 ? 900 : 1 + (i % 2)));
  const figure = lossFigure({ runs: [{ name: "a", losses }], smoothing: 0 });
  const root = parseXml(figureToSvg(figure));
  const path = elements(root, "path")[0]!.attributes.d!;
  const heights = [...path.matchAll(/[ML]\S+ ([\d.-]+)/g)].map(([, y]) => Number(y));
  expect(path.length).toBeLessThan(20_000);
  expect(Math.min(...heights)).toBeLessThan(20);
  expect(heights.filter((y) => y < 20)).toHaveLength(1);
});

test("the smoothed loss of equal losses is that loss from the first step on", () => {
  const root = parseXml(figureToSvg(lossFigure({ runs: [{ name: "a", losses: [3, 3, 3] }] })));
  const [raw, smooth] = elements(root, "path").map(({ attributes }) => attributes.d);
  expect(smooth).toBe(raw);
});

test("the floor and the error bars of quality are at their heights", () => {
  const methods = [{ name: "a", nfe: [1, 10], values: [1, 0.5], stdErrors: [0.5, 0.1] }];
  const figure = qualityFigure({ metric: "W2", floor: { name: "floor", value: 0.4 }, methods });
  const root = parseXml(figureToSvg(figure));
  const [, floor, bars] = elements(root, "path").map(({ attributes }) => attributes.d!);
  const at = (value: number) => {
    const { low, high } = figure.panels[0]!.y;
    return 320 * (1 - Math.log(value / low) / Math.log(high / low));
  };
  expect(Number(floor!.match(/M0 (\S+)H/)![1])).toBeCloseTo(at(0.4), 1);
  const ends = [...bars!.matchAll(/M\S+ (\S+)h6/g)].map(([, y]) => Number(y));
  [1.5, 0.5, 0.6, 0.4].forEach((value, i) => expect(ends[i]).toBeCloseTo(at(value), 0));
});

test("several figures stand below each other in one file", () => {
  const figure = samplesFigure({ title: "one", panels: [{ title: "a", points: gaussian("a", 4) }] });
  const [single, double] = [figure, [figure, figure]].map((what) => parseXml(figureToSvg(what)));
  expect(Number(double!.attributes.height)).toBeGreaterThan(1.9 * Number(single!.attributes.height) - 20);
  expect(elements(double!, "path")).toHaveLength(2);
});

describe("wrong arguments", () => {
  const flat = array([1, 2]);
  test.each([
    [
      "points without a plane",
      () => samplesFigure({ panels: [{ title: "a", points: flat }] }),
      /\[count, 2\], got \[2\]/,
    ],
    [
      "a window without extent",
      () => densityFigure({ window: { x: [1, 1], y: [0, 1] }, panels: [] }),
      /window/,
    ],
    [
      "velocities without points",
      () => fieldFigure({ panels: [{ title: "a", points: none, velocity: one }] }),
      /velocity for each/,
    ],
    [
      "a trajectory without times",
      () => trajectoriesFigure({ panels: [{ title: "a", trajectory: one }] }),
      /\[times, count, 2\]/,
    ],
    [
      "more ends than starts",
      () => crossingsFigure({ panels: [{ title: "a", x0: none, x1: one }] }),
      /as many ends/,
    ],
    [
      "too few values",
      () => qualityFigure({ metric: "a", methods: [{ name: "a", nfe: [1], values: [] }] }),
      /one for each nfe/,
    ],
    ["smoothing of 1", () => lossFigure({ runs: [], smoothing: 1 }), /smoothing in \[0, 1\)/],
    ["images without rows", () => imageGrid({ images: one }), /\[count, height, width\]/],
    [
      "an empty range",
      () => imageGrid({ images: ndarray(one.data, [1, 1, 2]), range: [1, 1] }),
      /two different/,
    ],
  ])("%s are refused with what was expected", (_, figure, message) => {
    expect(figure).toThrow(message);
  });
});
