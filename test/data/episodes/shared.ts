import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe } from "vitest";

const folder = fileURLToPath(new URL("../../../../shared/data", import.meta.url));

/** A published data set beside the repository. */
export const shared = (name: string) => join(folder, name);

/** Runs where the published data sets are; elsewhere says so, and the fixtures of the other tests stand for them. */
export const describeWithShared: typeof describe.skip = existsSync(folder) ? describe : skipped();

function skipped(): typeof describe.skip {
  console.warn(`SKIPPED: tests of published data sets, which are not in ${folder}.`);
  return describe.skip;
}
