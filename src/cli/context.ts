import { type Clock, systemClock } from "../engine/clock.ts";
import { type Interruption, interruption } from "../engine/platform/index.ts";

/** What a command writes to, as `process.stdout`. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** All that a command touches of its process, so that tests can run it in theirs. */
export interface Context {
  /** The answer: text for people, or one JSON document. */
  readonly stdout: Output;
  /** Progress, warnings and errors. */
  readonly stderr: Output;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder of the recipes that ship with advect. */
  readonly recipes: string;
  /** Of advect. */
  readonly version: string;
  /** Listens for Ctrl-C until it is disposed. */
  interruption(): Interruption;
}

/** Where advect is installed. */
export interface Installation {
  readonly recipes: string;
  readonly version: string;
}

/** The context of this process. */
export function processContext(installation: Installation): Context {
  const { stdout, stderr, env } = process;
  return { stdout, stderr, clock: systemClock, environment: env, ...installation, interruption };
}

/** What https://no-color.org asks for. */
export function hasColors(
  { environment }: Pick<Context, "environment">,
  output: { readonly isTTY?: boolean },
): boolean {
  return output.isTTY === true && !environment.NO_COLOR && environment.TERM !== "dumb";
}
