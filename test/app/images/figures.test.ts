import { describe, expect, test } from "vitest";
import { guidanceFigure, type ImageReport, imageSummary } from "../../../src/app/images/index.ts";
import { ndarray, zeros } from "../../../src/engine/array/index.ts";
import { figureToSvg } from "../../../src/figure/index.ts";

describe("guidanceFigure", () => {
  test("draws a grid for each scale, in their order, with a column for each class", () => {
    const grids = [0, 1, 2.5].map((scale) => ({ scale, images: zeros([6, 1, 4, 4]) }));
    const figure = guidanceFigure(grids, { title: "digits: guidance", classes: 3 });
    expect(figure.panels.map(({ title }) => title)).toEqual([
      "scale 0: without labels",
      "scale 1: no guidance",
      "scale 2.5",
    ]);
    expect(figure.columns).toBe(1);
    // 3 columns and 2 rows of 4 pixels and a pixel between them, each drawn 11 wide
    expect(figure.size).toEqual({ width: 14 * 11, height: 9 * 11 });
    expect(figureToSvg(figure)).toContain(
      "3 grids of images, a column for each class, for guidance scales 0, 1, 2.5.",
    );
  });

  test("says once what could not be drawn", () => {
    const broken = { scale: 1, images: ndarray(new Float32Array(16).fill(Number.NaN), [1, 1, 4, 4]) };
    const figure = guidanceFigure([broken, broken], { title: "x", classes: 1 });
    expect(figure.notes).toEqual(["16 values not finite: red."]);
  });

  test("needs a grid", () => {
    expect(() => guidanceFigure([], { title: "x", classes: 3 })).toThrow("expected at least one grid, got 0");
  });
});

test("imageSummary says each number with that of real images beside it", () => {
  const of = (value: number) => ({ value, stdError: 0.01, median: value });
  const report: ImageReport = {
    count: { samples: 100, training: 300, test: 100 },
    recognised: { samples: of(0.977), test: of(0.98) },
    energyDistance: { samples: of(0.0159), training: of(0.0147), ratio: 1.0816 },
    nearestTraining: { samples: of(2.136), test: of(2.102), difference: of(0.034) },
  };
  expect(imageSummary(report)).toEqual([
    "Recognised by the nearest training image: 97.7 % (test images: 98.0 %).",
    "Energy distance to the test images: 0.0159 (training images: 0.0147; ratio 1.08).",
    "Distance to the nearest training image: 2.136 ± 0.010 (test images: 2.102 ± 0.010).",
  ]);
});
