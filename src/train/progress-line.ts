import { type Clock, systemClock } from "../engine/clock.ts";

/** What `process.stderr` is: somewhere to write, and whether a line there can be written over. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface ProgressOptions {
  readonly to: Terminal;
  /** Milliseconds between two lines at least; default 100 on a terminal and 10 000 elsewhere. */
  readonly everyMs?: number;
}

export interface ProgressLine {
  /** Shows where training is, unless it was shown a moment ago. */
  show(state: { readonly step: number; readonly loss?: number | undefined }): void;
  /** Shows the last state if it was not shown, and ends the line; then `message`, if any, on a line of its own. */
  finish(message?: string): void;
}

interface LineRequest extends ProgressOptions {
  readonly steps: number;
  /** The step that this process began with. */
  readonly start: number;
  readonly samplesPerStep: number;
  readonly clock?: Clock;
}

/** `step 120/1000  loss 0.4321  12,300 samples/s  1m 23s left`: redrawn in place on a terminal, else line after line. */
export function progressLine(request: LineRequest): ProgressLine {
  const { clock = systemClock } = request;
  const began = clock.nowMs();
  const line = statusLine({ ...request, clock });
  return {
    show: (state) => line.show(lineOf(request, { ...state, seconds: (clock.nowMs() - began) / 1000 })),
    finish: line.finish,
  };
}

export interface StatusLine {
  /** Shows a text, unless one was shown a moment ago. */
  show(text: string): void;
  /** Shows the last text if it was not shown, and ends the line; then `message`, if any, on a line of its own. */
  finish(message?: string): void;
}

/** A line of any text: redrawn in place on a terminal, else line after line. */
export function statusLine({
  to,
  everyMs = to.isTTY ? 100 : 10_000,
  clock = systemClock,
}: ProgressOptions & { readonly clock?: Clock | undefined }): StatusLine {
  let shownAt = Number.NEGATIVE_INFINITY;
  let pending: string | undefined;
  const draw = (text: string) => {
    to.write(to.isTTY ? `\r${text}\x1b[K` : `${text}\n`);
    pending = undefined;
  };
  return {
    show(text) {
      const now = clock.nowMs();
      pending = text;
      if (now - shownAt < everyMs) return;
      shownAt = now;
      draw(text);
    },
    finish(message) {
      if (pending !== undefined) draw(pending);
      if (to.isTTY && shownAt > Number.NEGATIVE_INFINITY) to.write("\n");
      if (message !== undefined) to.write(`${message}\n`);
    },
  };
}

interface LineState {
  readonly step: number;
  readonly loss?: number | undefined;
  readonly seconds: number;
}

function lineOf({ steps, start, samplesPerStep }: LineRequest, { step, loss, seconds }: LineState): string {
  const done = step - start;
  const rate = done > 0 && seconds > 0 ? done / seconds : undefined;
  return [
    `step ${step}/${steps}`,
    ...(loss === undefined ? [] : [`loss ${loss.toPrecision(4)}`]),
    ...(rate === undefined ? [] : [`${grouped(rate * samplesPerStep)} samples/s`]),
    ...(rate === undefined ? [] : [`${duration((steps - step) / rate)} left`]),
  ].join("  ");
}

const grouped = (value: number) =>
  `${value < 10 ? value.toPrecision(2) : Math.round(value)}`.replace(/\B(?=(\d{3})+$)/g, ",");

/** 42s, 1m 23s, 2h 05m, 3d 04h. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number) => `${value}`.padStart(2, "0");
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
  const hours = Math.round(seconds / 3600);
  return `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
}
