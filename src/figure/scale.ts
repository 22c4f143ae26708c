import { labelled, labelledApart, linearTicks, logTicks, type Span, type Tick, tickWidth } from "./ticks.ts";

/** What an axis shows: from `low` to `high`, both finite; a logarithmic one only numbers above 0. */
export interface Axis extends Span {
  /** With its unit, if it has one: "time (s)". */
  readonly label?: string;
  readonly kind: "linear" | "log";
  /** Where to write numbers; round ones if absent, none if empty. */
  readonly ticks?: readonly number[];
}

export interface Scale {
  /** Pixels from the low end of the axis. */
  place(value: number): number;
  readonly ticks: readonly Tick[];
  readonly label: string | undefined;
}

/** An axis drawn `length` pixels long, with as many ticks as have room: side by side along x, one above another along y. */
export function scale(
  axis: Axis,
  { length, along }: { readonly length: number; readonly along: "x" | "y" },
): Scale {
  const place = placement(axis, axis.kind === "log" ? Math.log10 : (value) => value);
  const most = Math.max(2, Math.round(length / (along === "x" ? 75 : 48)));
  const fits = (ticks: readonly Tick[]) =>
    along === "y" || roomBetween(ticks, (value) => length * place(value)) >= 8;
  let ticks = ticksOf(axis, most);
  for (let count = most - 1; count >= 1 && !fits(ticks); count--) ticks = ticksOf(axis, count);
  return { place: (value) => length * place(value), ticks, label: axis.label };
}

function ticksOf(axis: Axis, count: number): readonly Tick[] {
  if (axis.kind === "linear" || axis.high / axis.low < 10)
    return labelled(axis.ticks ?? linearTicks(axis, count));
  return labelledApart(axis.ticks ?? logTicks(axis, count));
}

/** Pixels between the numbers that are closest to each other. */
function roomBetween(ticks: readonly Tick[], place: (value: number) => number): number {
  const gaps = ticks
    .slice(1)
    .map(
      (tick, i) => place(tick.value) - place(ticks[i]!.value) - (tickWidth(tick) + tickWidth(ticks[i]!)) / 2,
    );
  return Math.min(Number.POSITIVE_INFINITY, ...gaps);
}

/** Monotone, with low at 0 and high at 1. */
function placement({ low, high }: Span, warp: (value: number) => number): (value: number) => number {
  const start = warp(low);
  const extent = warp(high) - start;
  return (value) => (warp(value) - start) / extent;
}

/** The least axis that shows all of `values`, with a margin of `pad` times its length; NaN and infinities are ignored. */
export function axisOver(
  values: Iterable<number>,
  options: { readonly kind?: Axis["kind"]; readonly pad?: number; readonly label?: string } = {},
): Axis {
  const { kind = "linear", pad = 0.05, ...rest } = options;
  const { low, high } = kind === "log" ? logSpan(values, pad) : linearSpan(values, pad);
  return { ...rest, kind, low, high };
}

/** Beyond it differences overflow and ticks have no decimals left. */
const farthest = 1e300;

function linearSpan(values: Iterable<number>, pad: number): Span {
  const { low, high } = finiteSpan(values, { least: -farthest, most: farthest });
  if (low > high) return { low: 0, high: 1 };
  const size = Math.max(Math.abs(low), Math.abs(high));
  const least = Math.max(1e-9 * size, 1 / farthest);
  if (high - low <= least)
    return {
      low: low - (size > 1 / farthest ? size / 2 : 1),
      high: high + (size > 1 / farthest ? size / 2 : 1),
    };
  const margin = pad * (high - low);
  return { low: low - margin, high: high + margin };
}

function logSpan(values: Iterable<number>, pad: number): Span {
  const { low, high } = finiteSpan(values, { least: 1e-150, most: 1e150 }); // whose ratio is finite too
  if (low > high) return { low: 0.1, high: 1 };
  if (high / low < 1 + 1e-9) return { low: low / 2, high: high * 2 };
  const margin = (high / low) ** pad;
  return { low: low / margin, high: high * margin };
}

function finiteSpan(
  values: Iterable<number>,
  { least, most }: { readonly least: number; readonly most: number },
): Span {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value) || (least > 0 && value <= 0)) continue;
    const bounded = Math.min(Math.max(value, least), most);
    low = Math.min(low, bounded);
    high = Math.max(high, bounded);
  }
  return { low, high };
}
