import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { checkPolicyRecipe } from "../../../src/app/policy/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { pushtSpec, sameScaling, savePolicy } from "../../../src/robot/index.ts";
import { methodOf } from "../../../src/robot/policy/method/index.ts";

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "advect-pusht-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A policy that has learned nothing, in a folder. */
export async function savedPolicy(folder: string): Promise<string> {
  const spec = pushtSpec();
  const design = {
    spec,
    backbone: { kind: "residualMlp", hidden: 16, depth: 1 },
    method: { kind: "flow", steps: 3 },
  } as const;
  const middle = { shift: 256, scale: 256 };
  const scalings = {
    ...Object.fromEntries(
      Object.entries(spec.observation).map(([name, [size]]) => [name, sameScaling(size!, middle)]),
    ),
    action: sameScaling(2, { shift: 256, scale: 60 }),
  };
  const path = join(folder, "policy");
  await savePolicy(path, { design, scalings, params: methodOf(design).init(key("tiny")) });
  return path;
}

/** A recipe that trains in a second. */
export const tinyRecipe = (task: "pusht" | "navigation", steps: number, more: object = {}) =>
  checkPolicyRecipe({
    kind: "policy",
    name: "tiny",
    data: { kind: task },
    obsHorizon: 1,
    model: { kind: "residualMlp", hidden: 64, depth: 2 },
    training: {
      batch: 128,
      steps,
      learningRate: { kind: "cosine", from: 3e-3, warmup: 50 },
      ema: 0.99,
      log: { every: 5 },
    },
    ...more,
  });
