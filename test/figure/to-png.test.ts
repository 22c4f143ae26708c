import { describe, expect, test, vi } from "vitest";
import { figureToPng, figureToSvg, samplesFigure } from "../../src/figure/index.ts";
import { gaussian } from "./points.ts";

const svg = figureToSvg(samplesFigure({ panels: [{ title: "noise", points: gaussian("a", 50) }] }));
const width = Number(/ width="(\d+)"/.exec(svg)![1]);

describe("a figure as PNG", () => {
  test("is twice as wide as the figure, or as wide as asked", async () => {
    const widths = [await figureToPng(svg), await figureToPng(svg, { width: 100 })].map((bytes) => {
      expect([...bytes.subarray(1, 4)]).toEqual([80, 78, 71]);
      return new DataView(bytes.buffer).getUint32(16);
    });
    expect(widths).toEqual([2 * width, 100]);
  });

  test("has the same bytes each time", async () => {
    expect(await figureToPng(svg)).toEqual(await figureToPng(svg));
  });

  test("needs a width of at least a pixel", async () => {
    await expect(figureToPng(svg, { width: 0 })).rejects.toThrow("a width of at least 1 pixel, got 0");
  });

  test("says how to install the renderer where it is missing", async () => {
    vi.doMock("@resvg/resvg-js", () => {
      throw new Error("Cannot find package");
    });
    try {
      await expect(figureToPng(svg)).rejects.toThrow(/npm install @resvg\/resvg-js/);
    } finally {
      vi.doUnmock("@resvg/resvg-js");
    }
  });
});
