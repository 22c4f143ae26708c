import { interruption } from "../../src/engine/platform/index.ts";
import { fit } from "../../src/train/index.ts";
import { batches, heldOut, netTrainer, run } from "./fitting.ts";

/** Trains in the folder that it is told until it is killed, interrupted or done, and then says which. */
const [folder, steps] = process.argv.slice(2) as [string, string];
using interrupted = interruption();
using trainer = await netTrainer();
const { reason } = await fit({
  trainer,
  batches,
  key: run,
  steps: Number(steps),
  checkpoint: { folder: `${folder}/checkpoints`, every: 5 },
  log: { path: `${folder}/log.jsonl`, every: 3 },
  validate: { batches: heldOut, every: 50 },
  progress: { to: process.stdout, everyMs: 1 },
  signal: interrupted.signal,
});
console.log(reason);
