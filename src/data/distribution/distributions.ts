import { checkerboard } from "./checkerboard.ts";
import { ring, sCurve, spiral, swissRoll, twoMoons } from "./curves.ts";
import type { Distribution } from "./distribution.ts";
import { eightGaussians } from "./gaussian-mixture.ts";
import { pinwheel } from "./pinwheel.ts";

/** The ready distributions with their usual settings, by name. */
export const distributions: Readonly<Record<string, Distribution>> = Object.fromEntries(
  [twoMoons(), eightGaussians(), checkerboard(), ring(), spiral(), pinwheel(), swissRoll(), sCurve()].map(
    (distribution) => [distribution.name, distribution],
  ),
);
