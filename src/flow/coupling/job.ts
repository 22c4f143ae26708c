import type { NdArray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { restoreKey } from "../../engine/random/index.ts";
import { classwiseOT } from "./classwise-ot.ts";
import { type ConditionalOptions, conditionalOT } from "./conditional-ot.ts";
import type { Coupling, Pairing } from "./coupling.ts";
import { exactOT } from "./exact-ot.ts";
import { independent } from "./independent.ts";
import { resampledOT } from "./resampled-ot.ts";
import { type SinkhornOptions, sinkhornOT } from "./sinkhorn-ot.ts";
import type { PlanSpec } from "./transport-plan.ts";

/** A coupling as plain data, for recipes and for workers. */
export type CouplingSpec =
  | { readonly kind: "independent" | "exactOT" | "classwiseOT" }
  | { readonly kind: "resampledOT"; readonly options: PlanSpec }
  | { readonly kind: "sinkhornOT"; readonly options: SinkhornOptions }
  | { readonly kind: "conditionalOT"; readonly options: ConditionalOptions };

/** The coupling that `spec` describes. Throws "option" for an unknown kind or bad options. */
export function couplingOf(spec: CouplingSpec): Coupling {
  if (spec.kind === "independent") return independent();
  if (spec.kind === "exactOT") return exactOT();
  if (spec.kind === "classwiseOT") return classwiseOT();
  if (spec.kind === "resampledOT") return resampledOT(spec.options);
  if (spec.kind === "sinkhornOT") return sinkhornOT(spec.options);
  if (spec.kind === "conditionalOT") return conditionalOT(spec.options);
  throw new AdvectError("option", "couplingOf", {
    expected: "kind independent, exactOT, classwiseOT, resampledOT, sinkhornOT or conditionalOT",
    got: (spec as { kind: unknown }).kind,
  });
}

/** One batch to pair, with nothing in it that a worker could not be sent. */
export interface PairingJob {
  readonly coupling: CouplingSpec;
  readonly x0: NdArray;
  readonly x1: NdArray;
  readonly condition?: NdArray | undefined;
  /** `key.words`. */
  readonly keyWords: readonly number[];
}

/**
 * What `couplingOf(job.coupling).pair` returns for the same batch and key, bit for bit: a pure function from plain
 * data to plain data. Large batches can be paired in a worker with it, while the previous batch trains.
 */
export function runPairingJob({ coupling, keyWords, ...batch }: PairingJob): Pairing {
  return couplingOf(coupling).pair({ ...batch, key: restoreKey(keyWords) });
}
