import type { NdArray } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import { crossings, type Segment } from "./crossings.ts";
import type { Figure, FigureOptions, Mark } from "./figure.ts";
import { dots, lines, message } from "./marks.ts";
import { checkPoints, leftOut, plane, type Window } from "./points.ts";
import { counted } from "./text.ts";

export interface Pairs {
  readonly title: string;
  /** Noise and data, [count, 2] each. */
  readonly x0: NdArray;
  readonly x1: NdArray;
  /** Pair i joins x0[source[i]] with x1[target[i]], as couplings return it; row i with row i if absent. */
  readonly pairing?: { readonly source: Int32Array; readonly target: Int32Array };
}

export interface CrossingsOptions extends FigureOptions {
  readonly panels: readonly Pairs[];
  readonly window?: Window;
}

/** The straight ways between pairs of noise and data, and how many of them cross. Throws "shape". */
export function crossingsFigure({ panels, window, ...options }: CrossingsOptions): Figure {
  const all = panels.map(segments);
  const finite = all.map((list) => list.filter((segment) => Object.values(segment).every(Number.isFinite)));
  const starts = finite.map((list) => ({ x: list.map(({ ax }) => ax), y: list.map(({ ay }) => ay) }));
  const ends = finite.map((list) => ({ x: list.map(({ bx }) => bx), y: list.map(({ by }) => by) }));
  const { x, y, size } = plane("crossingsFigure", { points: [...starts, ...ends], window, width: 260 });
  const marksOf = (i: number): Mark[] => {
    const ways = finite[i]!.map(({ ax, ay, bx, by }) => ({ x: [ax, bx], y: [ay, by] }));
    if (ways.length === 0) return [message("no pairs")];
    return [
      lines(ways, { color: "muted", width: 0.8, opacity: 0.6 }),
      dots(starts[i]!, { color: 1, width: 4, opacity: 0.9 }),
      dots(ends[i]!, { color: 0, width: 4, opacity: 0.9 }),
    ];
  };
  const titles = panels.map(({ title }, i) => `${title}: ${counted(crossings(finite[i]!), "crossing")}`);
  return {
    ...options,
    description: `Straight paths between pairs of noise and data. ${titles.join("; ")}.`,
    panels: titles.map((title, i) => ({ title, x, y, marks: marksOf(i) })),
    size,
    legend: [
      { name: "noise (t = 0)", color: 1, sign: "dot" },
      { name: "data (t = 1)", color: 0, sign: "dot" },
    ],
    notes: leftOut(finite.flat().length, all.flat().length, "pair"),
  };
}

function segments({ x0, x1, pairing }: Pairs): Segment[] {
  for (const points of [x0, x1]) checkPoints("crossingsFigure", points);
  const count = pairing?.source.length ?? x0.shape[0]!;
  if ((pairing?.target.length ?? x1.shape[0]) !== count) {
    throw new AdvectError("shape", "crossingsFigure", {
      expected: `as many ends as starts, ${count}`,
      got: pairing?.target.length ?? x1.shape[0],
    });
  }
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [2 * (pairing?.source[i] ?? i), 2 * (pairing?.target[i] ?? i)];
    return { ax: x0.data[from]!, ay: x0.data[from + 1]!, bx: x1.data[to]!, by: x1.data[to + 1]! };
  });
}
