import { expect, test } from "vitest";
import { type NdArray, ndarray } from "../../src/engine/array/index.ts";
import { integers, key } from "../../src/engine/random/index.ts";
import { gifBytes } from "../../src/figure/index.ts";
import { readGif } from "./gif-reader.ts";

const frame = (data: ArrayLike<number>, height: number, width: number) =>
  ndarray(Uint8Array.from(data), [height, width, 3]);

/** Noise in `count` shades of gray. */
function noise(
  name: string,
  { height, width, count }: { height: number; width: number; count: number },
): NdArray {
  const shades = integers(key(name), [height * width], { high: count }).data;
  return frame(Array.from(shades, (shade) => [shade, shade, 255 - shade]).flat(), height, width);
}

test("a reader sees every frame again", () => {
  const frames = ["a", "b", "c"].map((name) => noise(name, { height: 90, width: 110, count: 256 }));
  const gif = readGif(gifBytes({ frames, frameMs: 100, lastMs: 1500 }));
  expect([gif.width, gif.height, gif.repeats]).toEqual([110, 90, 0]);
  expect(gif.frames.map(({ delayMs }) => delayMs)).toEqual([100, 100, 1500]);
  gif.frames.forEach(({ rgb }, i) => expect(rgb).toEqual(frames[i]!.data));
});

test.each([1, 2, 3, 255, 256, 257, 511, 4093, 4094, 4095, 4096, 5000])("%d pixels come through", (width) => {
  for (const count of [1, 2, 200]) {
    const frames = [noise(`${width}`, { height: 1, width, count })];
    const [read] = readGif(gifBytes({ frames, frameMs: 50 })).frames;
    expect(read!.rgb).toEqual(frames[0]!.data);
  }
});

test("only what changed is stored", () => {
  const still = noise("still", { height: 60, width: 60, count: 256 });
  const moved = still.data.slice() as Uint8Array;
  moved.set([255, 255, 0], 3 * (60 * 10 + 20));
  const one = gifBytes({ frames: [still], frameMs: 100 }).length;
  const frames = [still, frame(moved, 60, 60), frame(moved, 60, 60)];
  const bytes = gifBytes({ frames, frameMs: 100 });
  expect(bytes.length - one).toBeLessThan(80);
  expect(readGif(bytes).frames[2]!.rgb).toEqual(moved);
});

test("of more than 256 colours those that cover most stay, others become the nearest", () => {
  const data = Array.from({ length: 300 }, (_, i) => [i % 256, i < 256 ? 0 : 1, 0]).flat();
  const often = Array.from({ length: 300 * 3 }, (_, i) => data[i % 768]!);
  const frames = [frame([...often, ...data], 1, 600)];
  const [read] = readGif(gifBytes({ frames, frameMs: 10 })).frames;
  const differences = Array.from(read!.rgb, (value, i) => Math.abs(value - frames[0]!.data[i]!));
  expect(Math.max(...differences)).toBe(1);
});

test("frames that do not fit each other are refused", () => {
  const one = noise("one", { height: 2, width: 2, count: 2 });
  expect(() => gifBytes({ frames: [], frameMs: 10 })).toThrow("gifBytes: expected frames of type uint8");
  expect(() => gifBytes({ frames: [one, frame(new Uint8Array(12), 4, 1)], frameMs: 10 })).toThrow("[4,1,3]");
  expect(() => gifBytes({ frames: [one], frameMs: Number.NaN })).toThrow("times from 0 to 655 s");
});
