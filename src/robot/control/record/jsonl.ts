import type { NdArray } from "../../../engine/array/index.ts";
import { appendLine, type Files } from "../../../engine/platform/index.ts";
import type { Frame } from "../../policy/history.ts";
import type { Recorder, Tick } from "../tick.ts";

/** A tick as a line of a file: arrays are flat lists of numbers. */
export interface TickLine extends Omit<Tick, "frame" | "wanted" | "action" | "chunk"> {
  readonly wanted: readonly number[] | null;
  readonly action: readonly number[] | null;
  readonly chunk: number | null;
  /** By feature, "observation" where a frame is one array; null where there was none. */
  readonly frame: Readonly<Record<string, readonly number[]>> | null;
}

export interface JsonlOptions {
  /** Features to leave out, such as pictures. */
  readonly without?: readonly string[];
  readonly files?: Pick<Files, "appendLine">;
}

export interface JsonlRecorder extends Recorder {
  /** Ticks that were not written, because the disk failed or could not keep up. */
  readonly lost: number;
}

/** Lines that may wait for the disk. */
const mostWaiting = 10_000;

/**
 * Adds a line of JSON to a file for every tick. A line is on its way as soon as the loop tells of its tick, and outlives a
 * process that is killed. The loop waits for nothing: lines wait in memory while the disk is slow, the last 10,000 at most.
 */
export function jsonlRecorder(path: string, options: JsonlOptions = {}): JsonlRecorder {
  const { without = [], files = { appendLine } } = options;
  let waiting: string[] = [];
  let lost = 0;
  let writing: Promise<void> | undefined;

  const write = async () => {
    while (waiting.length > 0) {
      const lines = waiting;
      waiting = [];
      await files.appendLine(path, lines.join("\n")).catch(() => {
        lost += lines.length;
      });
    }
    writing = undefined;
  };
  return {
    get lost() {
      return lost;
    },
    tick(tick) {
      if (waiting.length >= mostWaiting) lost++;
      else waiting.push(JSON.stringify(lineOf(tick, without)));
      writing ??= write();
    },
    async close() {
      await writing;
    },
  };
}

function lineOf(tick: Tick, without: readonly string[]): TickLine {
  const list = (values: ArrayLike<number> | undefined) => (values ? Array.from(values) : null);
  const { wanted, action, chunk = null, frame } = tick;
  return { ...tick, wanted: list(wanted), action: list(action), chunk, frame: framed(frame, without) };
}

function framed(frame: Frame | undefined, without: readonly string[]): TickLine["frame"] {
  if (!frame) return null;
  const arrays = featuresOf(frame).filter(([name]) => !without.includes(name));
  return Object.fromEntries(arrays.map(([name, { data }]) => [name, Array.from(data)]));
}

/** The arrays of a frame; one array alone is called "observation". */
export function featuresOf(frame: Frame): [string, NdArray][] {
  const alone = "dtype" in frame && "shape" in frame;
  return Object.entries(
    alone ? { observation: frame as NdArray } : (frame as Readonly<Record<string, NdArray>>),
  );
}

/** The ticks of a file; what a killed process left of its last line is not one. */
export function parseTicks(text: string): TickLine[] {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return whole.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as TickLine]));
}
