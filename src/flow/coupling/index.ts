export { classwiseOT } from "./classwise-ot.ts";
export { type ConditionalOptions, conditionalOT } from "./conditional-ot.ts";
export type { Batch, Coupling, Pairing } from "./coupling.ts";
export { exactOT } from "./exact-ot.ts";
export { independent } from "./independent.ts";
export { type CouplingSpec, couplingOf, type PairingJob, runPairingJob } from "./job.ts";
export { resampledOT } from "./resampled-ot.ts";
export { type SinkhornOptions, sinkhornOT } from "./sinkhorn-ot.ts";
export type { PlanSpec } from "./transport-plan.ts";
