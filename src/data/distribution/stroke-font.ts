import type { Point } from "./distribution.ts";

/** Strokes of letters and digits on a grid, x from 0 to 4, y from 0 to 6: a pair of digits is a point, a bar lifts the pen. */
const strokes: Readonly<Record<string, string>> = {
  A: "002640|1232",
  B: "00063645443342413000|0333",
  C: "4536160501103041",
  D: "0006264442200000",
  E: "40000646|0333",
  F: "000646|0333",
  G: "45361605011030414323",
  H: "0006|4046|0343",
  I: "1030|2026|1636",
  J: "0110304146",
  K: "0006|460340",
  L: "060040",
  M: "0006234640",
  N: "00064046",
  O: "100105163645413010",
  P: "00063645443303",
  Q: "100105163645413010|2240",
  R: "00063645443303|2340",
  S: "453616050413334241301001",
  T: "0646|2026",
  U: "060110304146",
  V: "062046",
  W: "0610233046",
  X: "0046|0640",
  Y: "062346|2320",
  Z: "06460040",
  0: "100105163645413010|1135",
  1: "152620|1030",
  2: "05163645440040",
  3: "0516364544334241301001|1333",
  4: "30360242",
  5: "460604344341301001",
  6: "3616050110304142331302",
  7: "064620",
  8: "103041423313020110|1304051636454433",
  9: "1030414536160504133344",
};

/** The straight strokes of one character, each from point to point; none for a space; undefined where it is not known. */
export function strokesOf(character: string): readonly (readonly [Point, Point])[] | undefined {
  if (character === " ") return [];
  const text = Object.hasOwn(strokes, character) ? strokes[character] : undefined;
  return text?.split("|").flatMap((line) => {
    const points = (line.match(/\d\d/g) ?? []).map((pair): Point => [Number(pair[0]), Number(pair[1])]);
    return points.slice(1).map((point, i) => [points[i]!, point] as const);
  });
}
