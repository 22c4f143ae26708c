import { inflateSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32 } from "../../src/engine/array/crc32.ts";
import { array, ndarray } from "../../src/engine/index.ts";
import { densityFigure, figureToSvg, imageGrid } from "../../src/figure/index.ts";
import { enlarged, pngBytes } from "../../src/figure/png.ts";
import { elements, parseXml } from "./xml.ts";

interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly pixels: readonly (readonly number[])[];
}

/** Reads unfiltered PNG of eight bits with opacity, by Node's own zlib; checks what the format asks for. */
function decode(bytes: Uint8Array): Decoded {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const chunks: Record<string, Uint8Array> = {};
  for (let at = 8; at < bytes.length; at += view.getUint32(at) + 12) {
    const content = bytes.subarray(at + 8, at + 8 + view.getUint32(at));
    expect(view.getUint32(at + 8 + content.length)).toBe(
      crc32(bytes.subarray(at + 4, at + 8 + content.length)),
    );
    chunks[new TextDecoder().decode(bytes.subarray(at + 4, at + 8))] = content;
  }
  expect([...bytes.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  expect(Object.keys(chunks)).toEqual(["IHDR", "IDAT", "IEND"]);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const rows = inflateSync(chunks.IDAT!);
  expect(rows.length).toBe(height * (4 * width + 1));
  const pixel = (x: number, y: number) => [...rows.subarray(y * (4 * width + 1) + 1 + 4 * x).subarray(0, 4)];
  const pixels = Array.from({ length: width * height }, (_, i) => pixel(i % width, Math.floor(i / width)));
  return { width, height, pixels };
}

function imageIn(svg: string): Decoded {
  const { href } = elements(parseXml(svg), "image")[0]!.attributes;
  return decode(Buffer.from(href!.replace("data:image/png;base64,", ""), "base64"));
}

test("pixels come out of a PNG as they went in", () => {
  const size = fc.integer({ min: 1, max: 9 });
  const image = fc.tuple(size, size).chain(([width, height]) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      rgba: fc.uint8Array({ minLength: 4 * width * height, maxLength: 4 * width * height }),
    }),
  );
  fc.assert(
    fc.property(image, (pixels) => {
      const { width, height, pixels: decoded } = decode(pngBytes(pixels));
      expect({ width, height, rgba: Uint8Array.from(decoded.flat()) }).toEqual(pixels);
      const twice = decode(pngBytes(enlarged(pixels, 2)));
      expect(twice.pixels.at(-1)).toEqual(decoded.at(-1));
      expect(twice.pixels[2 * pixels.width - 1]).toEqual(decoded[pixels.width - 1]);
    }),
  );
});

test("a density has its first row at the bottom, its largest value in the last colour, and NaN transparent", () => {
  const values = array([
    [0, 1],
    [Number.NaN, 0.5],
  ]);
  const window = { x: [0, 1], y: [0, 1] } as const;
  const { pixels } = imageIn(figureToSvg(densityFigure({ window, panels: [{ title: "a", values }] })));
  const [nan, half, zero, most] = pixels as [number[], number[], number[], number[]];
  expect(nan[3]).toBe(0);
  const sums = [zero, half, most].map(([r, g, b]) => r! + g! + b!);
  expect(sums[0]).toBeGreaterThan(sums[1]!);
  expect(sums[1]).toBeGreaterThan(sums[2]!);
});

test("images lie in rows with a pixel between them; values beyond the range are clipped", () => {
  const images = ndarray(Float32Array.of(-1, 1, 0, 9, -9, 1), [3, 1, 2]);
  const { width, height, pixels } = imageIn(figureToSvg(imageGrid({ images, columns: 2, range: [-1, 1] })));
  const factor = width / 5;
  expect(height).toBe(3 * factor);
  const grey = (x: number, y: number) => pixels[y * factor * width + x * factor]!;
  expect([0, 1, 3, 4].map((x) => grey(x, 0)[0])).toEqual([0, 255, 128, 255]);
  expect([0, 1].map((x) => grey(x, 2)[0])).toEqual([0, 255]);
  expect([grey(2, 0)[3], grey(0, 1)[3], grey(4, 2)[3]]).toEqual([0, 0, 0]);
});
