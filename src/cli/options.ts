import { type Command, InvalidArgumentError, Option } from "commander";
import { type Device, allDevices as devices } from "../engine/runtime/device.ts";

/** A whole number from `least` on, for options. */
export function whole(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Expected a whole number >= ${least}.`);
  };
}

/** Any finite number. */
export function finite(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Expected a number.");
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** 90, 90s, 1.5m or 2h, in seconds. */
export function duration(text: string): number {
  const [, value = "", unit = "s"] = /^(\d+(?:\.\d+)?|\.\d+)\s*([smh]?)$/.exec(text.trim()) ?? [];
  const seconds = Number(value) * (units[unit || "s"] ?? 1);
  if (value !== "" && seconds > 0) return seconds;
  throw new InvalidArgumentError("Expected a time such as 60s, 5m or 1h.");
}

/** For options that may be given more than once. */
export const collected = (text: string, before: readonly string[] = []): string[] => [...before, text];

/** Numbers with commas or spaces between them; more come with the option again. */
export function labels(text: string, before: readonly number[] = []): number[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  return [...before, ...words.map(whole(0))];
}

export interface RunFlags {
  readonly threads?: number;
  readonly device?: Device;
}

/** --threads and --device. */
export function withRunFlags(command: Command): Command {
  return command
    .option(
      "--threads <n>",
      "threads inside one operation (default: one for small models, else every core)",
      whole(1),
    )
    .addOption(
      new Option("--device <name>", "where models run (default: cpu; advect doctor tries all)").choices(
        devices,
      ),
    );
}

/** The same for the library. */
export function runOptions({ threads, device }: RunFlags): RunFlags {
  return { ...(threads !== undefined && { threads }), ...(device !== undefined && { device }) };
}
