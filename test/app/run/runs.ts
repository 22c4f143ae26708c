import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type CompleteRecipe, readRecipe, type TrainRequest, trainRecipe } from "../../../src/app/index.ts";
import { type NdArray, npzBytes } from "../../../src/engine/array/index.ts";

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "advect-app-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Points in the plane by a network that trains in no time. */
export function tiny(more = "", set: readonly string[] = []): CompleteRecipe {
  const text = `kind: points
${/^data:/m.test(more) ? "" : "data: twoMoons\n"}${/^model:/m.test(more) ? "" : "model: { kind: mlp, hidden: 8, depth: 2 }\n"}${more}`;
  const sizes = ["training.batch=32", "training.steps=9", "training.log.every=3", "sampling.count=48"];
  return readRecipe(text, { name: "tiny", set: [...sizes, ...set] });
}

export function npzFile(arrays: Readonly<Record<string, NdArray>>): string {
  const path = join(temporaryFolder(), "data.npz");
  writeFileSync(path, npzBytes(arrays));
  return path;
}

/** Trains in a new folder; `stopAt` aborts after so many steps, or at a line of progress that says it. */
export async function train(
  recipe: CompleteRecipe,
  { stopAt, ...request }: Partial<TrainRequest> & { readonly stopAt?: number | string } = {},
) {
  const stop = new AbortController();
  const seen = (text: string) => {
    const step = Number(/step (\d+)\//.exec(text)?.[1] ?? 0);
    if (typeof stopAt === "string" ? text.startsWith(stopAt) : step >= (stopAt ?? Infinity)) stop.abort();
  };
  return trainRecipe({
    recipe,
    folder: join(temporaryFolder(), "run"),
    threads: 1,
    signal: stop.signal,
    progress: { to: { write: seen }, everyMs: 0 },
    ...request,
  });
}

/** The bytes of what a checkpoint says about the model. */
export function bytesOf(checkpoint: string): Record<string, Buffer> {
  const files = ["model", "ema", "optimizer"];
  return Object.fromEntries(files.map((name) => [name, readFileSync(`${checkpoint}/${name}.safetensors`)]));
}
