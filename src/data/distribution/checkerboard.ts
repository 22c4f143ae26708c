import { zeros } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { integers, uniform } from "../../engine/random/index.ts";
import { checkOption, type Distribution, eachPoint, type Point } from "./distribution.ts";

/** Rounding to float32 must not carry samples over an edge of their square. */
const interior = { low: 2 ** -20, high: 1 - 2 ** -20 };

/**
 * Uniform on every other square of a board of `squares` x `squares` over [-halfWidth, halfWidth]^2; the lower left
 * square is one of them. p = 2 / (2 halfWidth)^2 there and 0 elsewhere; entropy ln(2 halfWidth^2).
 * Throws "option" unless squares is even and >= 2.
 */
export function checkerboard({ squares = 4, halfWidth = 4 } = {}): Distribution {
  checkOption("checkerboard", "halfWidth", halfWidth);
  if (!Number.isSafeInteger(squares / 2) || squares < 2) {
    throw new AdvectError("option", "checkerboard", {
      expected: "an even number of squares >= 2",
      got: squares,
    });
  }
  const side = (2 * halfWidth) / squares;
  const entropy = Math.log(2 * halfWidth ** 2);
  const square = (value: number) => Math.floor((value + halfWidth) / side);
  const inside = ([x, y]: Point) =>
    [x, y].every((value) => value >= -halfWidth && value < halfWidth) && (square(x) + square(y)) % 2 === 0;
  return {
    name: "checkerboard",
    entropy,
    sample: (key, count) => {
      const within = uniform(key.fold("within"), [count, 2], interior).data;
      const columns = integers(key.fold("column"), [count], { high: squares }).data;
      const pairs = integers(key.fold("pair"), [count], { high: squares / 2 }).data;
      const samples = zeros([count, 2]);
      for (let i = 0; i < count; i++) {
        const row = 2 * pairs[i]! + (columns[i]! % 2);
        samples.data[2 * i] = (columns[i]! + within[2 * i]!) * side - halfWidth;
        samples.data[2 * i + 1] = (row + within[2 * i + 1]!) * side - halfWidth;
      }
      return samples;
    },
    logDensity: (x) => eachPoint(x, (point) => (inside(point) ? -entropy : -Infinity)),
  };
}
