import { AdvectError } from "../engine/error.ts";
import type { Key } from "../engine/random/index.ts";
import { type Checkpoint, snapshotOf } from "./checkpoint.ts";
import type { Progress } from "./progress.ts";
import type { Trainer } from "./trainer.ts";

/**
 * Puts the trainer where it was when the checkpoint was saved; returns where the run stood. Throws "option" for another
 * run's key, "shape" for another model, and changes nothing then.
 */
export function resume<P, Args extends readonly unknown[]>(
  trainer: Pick<Trainer<P, Args>, "snapshot" | "restore">,
  { checkpoint, key }: { readonly checkpoint: Checkpoint; readonly key: Key },
): Progress {
  const { updates: _, ...progress } = checkpoint.progress;
  if (progress.key.join() !== key.words.join()) throw otherKey(checkpoint.folder);
  trainer.restore(snapshotOf(checkpoint, trainer.snapshot()));
  return progress;
}

function otherKey(folder: string): AdvectError {
  return new AdvectError("option", "fit", {
    expected: `the key that ${folder} was trained with`,
    got: "another one",
    fix: "Give the same key to go on, or another checkpoint folder to start from the beginning.",
  });
}
