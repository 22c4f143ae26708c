import type { Command } from "commander";
import type { Context } from "./context.ts";

/** What a command found out: the document of --json, the text for people, and how the process ends. */
export interface Answer {
  readonly json: unknown;
  readonly text: string;
  /** 0 unless given; 130 for what was interrupted and can go on. */
  readonly exitCode?: number;
}

/** The options that every command has. */
export interface CommonOptions {
  readonly json?: boolean;
}

/**
 * Gives a command --json and its action, which returns the answer: with --json stdout is that one document, whatever
 * else was written went to stderr. Errors are reported by `run`, in program.ts.
 */
export function answering<Arguments extends readonly unknown[], Options extends CommonOptions>(
  command: Command,
  context: Context,
  action: (options: Options, ...args: Arguments) => Promise<Answer>,
): Command {
  return command
    .option("--json", "print one JSON document, and nothing else, to stdout")
    .action(async (...given: unknown[]) => {
      const options = command.opts<Options>();
      const args = given.slice(0, command.registeredArguments.length) as unknown as Arguments;
      const { json, text, exitCode = 0 } = await action(options, ...args);
      const printed = options.json ? JSON.stringify(json, null, 2) : text;
      if (printed !== "") context.stdout.write(`${printed}\n`);
      if (exitCode !== 0) throw new Ended(exitCode);
    });
}

/** Ends a command with an exit code after all was said. */
export class Ended extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`ended with ${exitCode}`);
    this.exitCode = exitCode;
  }
}
