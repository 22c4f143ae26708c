import type { PolicyReport, TrainPolicyResult } from "../../app/index.ts";
import { grouped, table } from "../table.ts";

/** What advect train says of a policy at its end. */
export function policySummary(result: TrainPolicyResult, report: PolicyReport): string {
  const { folder, step, seconds, parameterCount, loss, recipe } = result;
  const pusht = recipe.data.kind === "pusht";
  return [
    `Trained ${grouped(parameterCount)} parameters for ${step} steps in ${seconds.toFixed(1)} s; loss ${loss?.toPrecision(4)}.`,
    ...errorLines(report),
    "",
    "Look at:",
    `  ${folder}/figures      ${[...new Set(report.figures.map((file) => file.replace(/(-dark)?\.(svg|png)$/, "")))].join(", ")}`,
    `  ${folder}/report.json  the numbers`,
    "",
    ...(pusht ? [`Play it:         advect eval pusht --policy ${folder}`] : []),
    `An ONNX policy:  advect export ${folder} --out policy.onnx`,
  ].join("\n");
}

/** A column for each of some steps of the chunk. */
function errorLines({ actionErrors }: PolicyReport): string[] {
  if (!actionErrors) return [];
  const { policy, regression, holdLast } = actionErrors;
  const { perStep } = policy;
  const steps = [0, 1, 3, 7, 15, 31, 63].filter((step) => step < perStep.length);
  const row = (name: string, errors: readonly number[], mean: number) => [
    name,
    ...steps.map((step) => `${errors[step]?.toFixed(3) ?? ""}`),
    mean.toFixed(3),
  ];
  const rows = [
    ["action error at step", ...steps.map((step) => `${step + 1}`), "mean"],
    row("policy", policy.perStep, policy.mean),
    ...(regression ? [row("regression", regression.perStep, regression.mean)] : []),
    row("hold last", holdLast.perStep, holdLast.mean),
  ];
  return ["", `Of ${policy.count} windows of held-out episodes, in deviations of the actions:`, table(rows)];
}
