import { Command, CommanderError } from "commander";
import { AdvectError } from "../engine/error.ts";
import { Ended } from "./answer.ts";
import { commands } from "./commands.ts";
import { type Context, hasColors } from "./context.ts";

/** Exit codes: 0 done, 1 failed, 2 wrong usage (a flag, an option, a key of a recipe), 130 interrupted. */
export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Runs `advect <args>` and returns its exit code; it never throws and never ends the process. */
export async function run(args: readonly string[], context: Context): Promise<number> {
  try {
    await program(context).parseAsync(args, { from: "user" });
    return exitCodes.done;
  } catch (error) {
    return report(error, { context, json: args.includes("--json") });
  }
}

/** The command line; `context` says where it writes. */
export function program(context: Context): Command {
  const advect = new Command("advect")
    .description("Flow matching: train, sample and look at velocity fields.")
    .version(context.version, "-V, --version")
    .showHelpAfterError("(see advect --help)")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      getOutHasColors: () => hasColors(context, context.stdout),
      getErrHasColors: () => hasColors(context, context.stderr),
      ...(context.stdout.columns && { getOutHelpWidth: () => context.stdout.columns! }),
    });
  advect.addHelpText("after", "\nBegin with: advect train two-moons");
  for (const command of commands) advect.addCommand(command(context));
  for (const command of advect.commands) inherit(command, advect);
  return advect;
}

/** Settings of the parent for a command and all below it. */
function inherit(command: Command, parent: Command): void {
  command.copyInheritedSettings(parent);
  command.showHelpAfterError(`(see ${nameOf(command)} --help)`);
  for (const child of command.commands) inherit(child, command);
}

/** "advect dataset info" */
function nameOf(command: Command): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
}

function report(error: unknown, { context, json }: { context: Context; json: boolean }): number {
  if (error instanceof Ended) return error.exitCode;
  const document = (facts: object) =>
    json && context.stdout.write(`${JSON.stringify({ error: facts }, null, 2)}\n`);
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.done;
    document({ kind: "usage", message: error.message.replace(/^error: /, "") });
    return exitCodes.usage;
  }
  const known = error instanceof AdvectError;
  const message = error instanceof Error ? error.message : String(error);
  document({ ...(known ? { kind: error.kind, where: error.where } : { kind: "internal" }), message });
  context.stderr.write(`error: ${message}\n`);
  if (!known) context.stderr.write(`This is a fault of advect.\n${(error as Error).stack ?? ""}\n`);
  return known && error.kind === "option" ? exitCodes.usage : exitCodes.failed;
}
