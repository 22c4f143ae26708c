import { AdvectError } from "../../engine/error.ts";
import { checkOption, type Distribution, type Point, sampleAround } from "./distribution.ts";
import { strokesOf } from "./stroke-font.ts";

export interface LettersOptions {
  /** Letters A to Z (small ones count as capitals), digits and spaces. */
  readonly text: string;
  /** Half the width of the text; 4 unless given. */
  readonly halfWidth?: number;
  /** Standard deviation of the noise; 0.05 unless given. */
  readonly noise?: number;
}

/** Characters are 4 wide and 6 high in the font's units, and 6 apart. */
const advance = 6;

/** Points uniform along the strokes of a text, plus noise; centred on the origin. Throws "option". */
export function letters({ text, halfWidth = 4, noise = 0.05 }: LettersOptions): Distribution {
  checkOption("letters", "noise", noise);
  checkOption("letters", "halfWidth", halfWidth);
  const segments = segmentsOf(text);
  const width = advance * (text.length - 1) + 4;
  const scale = (2 * halfWidth) / width;
  const place = ([x, y]: Point): Point => [scale * (x - width / 2), scale * (y - 3)];
  const ends = segments.map(([from, to]) => [place(from), place(to)] as const);
  return { name: `letters ${text}`, sample: sampleAround(alongSegments(ends), noise) };
}

function segmentsOf(text: string): (readonly [Point, Point])[] {
  const segments = [...text].flatMap((character, i) => {
    const strokes = strokesOf(character.toUpperCase());
    if (strokes === undefined) throw unknown(text);
    const move = ([x, y]: Point): Point => [x + advance * i, y];
    return strokes.map(([from, to]) => [move(from), move(to)] as const);
  });
  if (segments.length === 0) throw unknown(text);
  return segments;
}

function unknown(text: string): AdvectError {
  return new AdvectError("option", "letters", {
    expected: "a text of letters A to Z, digits and spaces",
    got: JSON.stringify(text),
  });
}

/** The point at a part u in [0, 1) of the total length. */
function alongSegments(segments: readonly (readonly [Point, Point])[]): (u: number) => Point {
  const lengths = segments.map(([[x0, y0], [x1, y1]]) => Math.hypot(x1 - x0, y1 - y0));
  const total = lengths.reduce((a, b) => a + b, 0);
  return (u) => {
    let rest = u * total;
    let k = 0;
    while (k < segments.length - 1 && rest >= lengths[k]!) rest -= lengths[k++]!;
    const [[x0, y0], [x1, y1]] = segments[k]!;
    const part = rest / lengths[k]!;
    return [x0 + part * (x1 - x0), y0 + part * (y1 - y0)];
  };
}
