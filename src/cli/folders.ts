import { mkdirSync } from "node:fs";
import { AdvectError } from "../engine/error.ts";

/** Makes a folder for output, with those above it. Throws "io". */
export function outputFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw new AdvectError("io", path, {
      expected: "a folder that can be written into",
      got: (cause as Error).message,
      fix: "Choose another place by --out.",
      cause,
    });
  }
}
