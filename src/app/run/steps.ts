import { AdvectError } from "../../engine/error.ts";
import type { Files } from "../../engine/platform/index.ts";
import { newestCheckpoint } from "../../train/index.ts";
import type { CompleteRecipe } from "../recipe/index.ts";
import { recipeOfRun, runFolder } from "./folder.ts";
import { hasPairs } from "./reflow.ts";

interface StepsRequest {
  /** What a run shall go on with. */
  readonly recipe: CompleteRecipe;
  readonly folder: string;
  readonly files: Files;
  /** How often the recipe trains for its steps. */
  readonly rounds: number;
  readonly warn?: ((message: string) => void) | undefined;
}

/**
 * Throws "option" for a run that has taken more steps than the recipe says, and for other steps once later rounds have
 * their pairs; warns where there is nothing left to train.
 */
export async function checkSteps({ recipe, folder, files, rounds, warn }: StepsRequest): Promise<void> {
  const steps = recipe.training.steps!;
  const { training: before } = await recipeOfRun(folder, { files });
  if (rounds > 1 && steps !== before.steps && (await hasPairs({ files, folder, round: 1 }))) {
    throw new AdvectError("option", folder, {
      expected: `training.steps of ${before.steps}, as the pairs of its second round are made`,
      got: steps,
      fix: "Leave training.steps as it was, or start another run by --out.",
    });
  }
  const newest = await newestCheckpoint(runFolder(folder).checkpoints, { files, warn: () => {} });
  const taken = newest?.progress.step ?? 0;
  if (taken > steps * rounds) {
    throw new AdvectError("option", folder, {
      expected: `training.steps of at least ${Math.ceil(taken / rounds)}, as the run has taken ${taken} steps`,
      got: steps,
      fix: `To train on: --set training.steps=${2 * Math.ceil(taken / rounds)}; to use it as it is: advect sample ${folder}.`,
    });
  }
  if (taken < steps * rounds) return;
  warn?.(`Nothing is left to train: the run has taken its ${taken} steps. For more: --set training.steps=….`);
}
