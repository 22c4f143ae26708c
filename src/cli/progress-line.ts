import type { Context } from "./context.ts";

export interface ProgressLine extends Disposable {
  /** On a terminal one line, redrawn at most ten times a second; elsewhere a line every ten seconds. */
  show(text: string): void;
}

/** What is happening, on stderr. */
export function progressLine({ stderr, clock }: Pick<Context, "stderr" | "clock">): ProgressLine {
  const everyMs = stderr.isTTY ? 100 : 10_000;
  let shownAt = Number.NEGATIVE_INFINITY;
  let open = false;
  return {
    show(text) {
      if (clock.nowMs() - shownAt < everyMs) return;
      shownAt = clock.nowMs();
      open = stderr.isTTY === true;
      stderr.write(open ? `\r${text}\x1b[K` : `${text}\n`);
    },
    [Symbol.dispose]() {
      if (open) stderr.write("\n");
      open = false;
    },
  };
}
