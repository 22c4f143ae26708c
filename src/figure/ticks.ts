import { grouped, textWidth } from "./text.ts";

/** A number on an axis, and how it is written: `text` with `power` as a superscript. */
export interface Tick {
  readonly value: number;
  readonly text: string;
  readonly power?: string;
}

export interface Span {
  readonly low: number;
  readonly high: number;
}

/** Multiples of 1, 2 or 5 times a power of ten within low < high; about `count` of them. */
export function linearTicks({ low, high }: Span, count: number): number[] {
  const rough = high / count - low / count;
  const exponent = Math.floor(Math.log10(rough));
  const ratio = rough / 10 ** exponent;
  const leading = ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10;
  const decimal = (i: number) => Number(`${i * leading}e${exponent}`); // what a reader would type, to the last bit
  const step = decimal(1);
  const ticks: number[] = [];
  const [first, last] = [Math.ceil(low / step - 1e-6), Math.floor(high / step + 1e-6)];
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last)) return []; // no decimals tell the ends apart
  for (let i = first; i <= last; i++) {
    const tick = decimal(i) + 0;
    if (tick >= low && tick <= high) ticks.push(tick);
  }
  return ticks;
}

/** Of 0 < low < high: powers of ten, with 2 and 5 times them where there is room; a decade has at least one. */
export function logTicks({ low, high }: Span, count: number): number[] {
  const decades = Math.log10(high) - Math.log10(low);
  const stride = Math.ceil(decades / (1.5 * count));
  const factors = decades * 3 <= 2 * count ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e++) {
    if (e % stride === 0) ticks.push(...factors.map((factor) => Number(`${factor}e${e}`)));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}

/** All ticks of an axis written alike: with as many decimals, or with the same power of ten. */
export function labelled(values: readonly number[]): Tick[] {
  const largest = Math.max(0, ...values.map(Math.abs));
  if (largest === 0 || (largest < 1e7 && largest >= 1e-3)) return plain(values);
  const exponent = Math.floor(Math.log10(largest));
  const scaled = plain(values.map((value) => shifted(value, -exponent)));
  return scaled.map(({ text }, i) =>
    values[i] === 0
      ? { value: 0, text: "0" }
      : { value: values[i]!, text: `${text}×10`, power: signed(String(exponent)) },
  );
}

/** As `labelled`, each for itself: the ticks of a logarithmic axis differ in magnitude. */
export function labelledApart(values: readonly number[]): Tick[] {
  const ordinary = values.every((value) => value >= 1e-3 && value < 1e6);
  if (ordinary) return values.flatMap((value) => plain([value]));
  return values.map((value) => {
    const [factor, exponent] = value.toExponential().split("e") as [string, string];
    const text = factor === "1" ? "10" : `${factor}×10`;
    return { value, text, power: signed(String(Number(exponent))) };
  });
}

function plain(values: readonly number[]): Tick[] {
  const decimals = Math.max(0, ...values.map(decimalsOf));
  return values.map((value) => ({ value, text: signed(grouped(value.toFixed(decimals))) }));
}

/** Digits behind the point that a short decimal has. */
function decimalsOf(value: number): number {
  const [digits, exponent] = value.toExponential(9).split("e") as [string, string];
  const significant = digits.replace(/^-?\d\.?|0+$/g, "").length;
  return Math.min(20, Math.max(0, significant - Number(exponent)));
}

function shifted(value: number, exponent: number): number {
  const [digits, own] = value.toExponential().split("e") as [string, string];
  return Number(`${digits}e${Number(own) + exponent}`);
}

function signed(text: string): string {
  return text.replace("-", "−");
}

/** Sizes of numbers on axes and of their powers, in pixels. */
export const tickSize = { text: 11, power: 8 } as const;

export function tickWidth({ text, power = "" }: Tick): number {
  return textWidth(text, tickSize.text) + textWidth(power, tickSize.power);
}
