import { key } from "../../engine/random/index.ts";
import type { RunOptions } from "../../engine/runtime/index.ts";
import { type Figure, lossFigure } from "../../figure/index.ts";
import { type ActionError, actionError, holdLastError, loadPolicy } from "../../robot/index.ts";
import { type Files, platformFiles } from "../../train/files.ts";
import { readLog } from "../../train/index.ts";
import { drawn } from "../run/draw.ts";
import { lossFigures } from "../run/figures.ts";
import { jsonBytes, runFolder } from "../run/folder.ts";
import { policyRecipeOfRun } from "./folder.ts";
import { policyTask } from "./task.ts";
import { baselineFolder, type TrainPolicyResult } from "./train.ts";

export interface PolicyReportRequest extends RunOptions {
  readonly files?: Files;
  readonly warn?: (message: string) => void;
}

/** Errors on episodes that were kept from training, in deviations of the actions. */
export interface ActionErrors {
  readonly policy: ActionError;
  /** The same network trained as a regression, where the recipe has a baseline. */
  readonly regression: ActionError | null;
  /** Doing what was done last. */
  readonly holdLast: ActionError;
}

/** Numbers about the run of a policy, as report.json keeps them. */
export interface PolicyReport {
  readonly name: string;
  readonly kind: "policy";
  readonly method: string;
  readonly model: string;
  readonly step: number;
  readonly seconds: number;
  readonly loss: number | null;
  readonly validation: number | null;
  readonly parameters: number;
  readonly actionErrors: ActionErrors | null;
  /** Files in figures/. */
  readonly figures: readonly string[];
}

/** Compares a trained policy on episodes kept from training, and writes figures/ and report.json into its run. Throws as `loadPolicy`. */
export async function reportPolicy(
  result: TrainPolicyResult,
  { files = platformFiles, warn, ...options }: PolicyReportRequest = {},
): Promise<PolicyReport> {
  const { folder, recipe } = result;
  const paths = runFolder(folder);
  const actionErrors = await errorsOf(folder, { files, ...options });
  const names = await files.listFolder(folder);
  const log = names.includes("log.jsonl") ? await readLog(paths.log, files) : [];
  const figures = await drawn(
    {
      ...lossFigures(log),
      ...(actionErrors && { "action-errors": errorFigure(actionErrors) }),
    },
    warn,
  );
  const report: PolicyReport = {
    name: recipe.name,
    kind: "policy",
    method: recipe.method.kind,
    model: recipe.model.kind,
    step: result.step,
    seconds: result.seconds,
    loss: result.loss,
    validation: result.validation,
    parameters: result.parameterCount,
    actionErrors,
    figures: Object.keys(figures),
  };
  await files.writeFolderAtomic(paths.figures, figures);
  await files.writeFileAtomic(paths.report, jsonBytes(report));
  return report;
}

async function errorsOf(
  folder: string,
  { files, ...options }: PolicyReportRequest & { readonly files: Files },
): Promise<ActionErrors | null> {
  const recipe = await policyRecipeOfRun(folder, { files });
  const { heldOut } = recipe.training.validation ? await policyTask(recipe) : {};
  if (!heldOut) return null;
  const request = { set: heldOut, key: key(recipe.seed).fold("report") };
  const errorOf = async (path: string) => {
    using policy = await loadPolicy(path, { files, ...options });
    return { error: await actionError(policy, request), spec: policy.spec };
  };
  const { error, spec } = await errorOf(folder);
  return {
    policy: error,
    regression: recipe.baseline ? (await errorOf(baselineFolder(folder))).error : null,
    holdLast: holdLastError(heldOut, { spec }),
  };
}

function errorFigure({ policy, regression, holdLast }: ActionErrors): Figure {
  const run = (name: string, { perStep }: ActionError) => ({ name, losses: perStep });
  return lossFigure({
    title: "Error of actions on held-out episodes, by step of the chunk",
    runs: [
      run("policy", policy),
      ...(regression ? [run("regression", regression)] : []),
      run("hold last", holdLast),
    ],
    smoothing: 0,
  });
}
