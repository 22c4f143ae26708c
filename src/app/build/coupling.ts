import { AdvectError } from "../../engine/error.ts";
import type { CouplingSpec, PlanSpec } from "../../flow/index.ts";
import type { CouplingWords } from "../recipe/index.ts";

/** The coupling as the plain data that flow/coupling, and its workers, take. Throws "option" for options that are missing. */
export function couplingSpec(words: CouplingWords): CouplingSpec {
  const { kind } = words;
  if (kind === "resampledOT") return { kind, options: planSpec(words) };
  if (kind === "sinkhornOT") return { kind, options: words };
  if (kind === "conditionalOT") return { kind, options: words };
  return { kind };
}

function planSpec({ method, ...given }: Extract<CouplingWords, { kind: "resampledOT" }>): PlanSpec {
  if (method === "exact") return { method };
  const epsilon = needed("epsilon", given.epsilon);
  if (method === "sinkhorn") return { method, epsilon };
  if (method === "partial") return { method, epsilon, mass: needed("mass", given.mass) };
  return { method, epsilon, marginWeight: needed("marginWeight", given.marginWeight) };
}

function needed(name: string, value: number | undefined): number {
  if (value !== undefined) return value;
  throw new AdvectError("option", `coupling.${name}`, {
    expected: "a number, in units of squared distance",
    got: "nothing",
    fix: `Add ${name} to the coupling.`,
  });
}
