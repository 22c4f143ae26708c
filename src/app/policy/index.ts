export { policyRecipeOfRun } from "./folder.ts";
export { type CompletePolicy, checkPolicyRecipe, isPolicyRecipe, readPolicyRecipe } from "./recipe.ts";
export { type ActionErrors, type PolicyReport, type PolicyReportRequest, reportPolicy } from "./report.ts";
export { type PolicyTask, policyTask } from "./task.ts";
export { type TrainPolicyRequest, type TrainPolicyResult, trainPolicyRecipe } from "./train.ts";
