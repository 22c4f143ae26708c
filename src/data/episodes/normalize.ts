import type { NdArray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { type Normalization, rescaling, standardization } from "../statistics.ts";
import type { FeatureStatistics, StatisticName } from "./column-statistics.ts";
import { columnOf, type Episodes } from "./episodes.ts";

type Arrays = Readonly<Record<StatisticName, NdArray<"float64">>>;

/** A way to normalise, and the statistics that it takes. */
export interface NormalizationRule {
  readonly name: string;
  readonly needs: readonly StatisticName[];
  of(statistics: Arrays): Normalization;
}

/** (x - mean) / std. */
export const standardized: NormalizationRule = {
  name: "standardized",
  needs: ["mean", "std"],
  of: standardization,
};

/** 2 (x - min) / (max - min) - 1. */
export const rescaled: NormalizationRule = { name: "rescaled", needs: ["min", "max"], of: rescaling };

/** 2 (x - q01) / (q99 - q01) - 1: as `rescaled`, deaf to single outliers. */
export const rescaledByQuantiles: NormalizationRule = {
  name: "rescaledByQuantiles",
  needs: ["q01", "q99"],
  of: ({ q01, q99 }) => rescaling({ min: q01, max: q99 }),
};

/**
 * A normalisation for every feature that `rules` names: `normalizations(stats, { action: rescaled })`. Throws
 * "option" where statistics are missing or not finite: a feature that silently passes unchanged ruins a policy.
 */
export function normalizations(
  statistics: Readonly<Record<string, FeatureStatistics>> | undefined,
  rules: Readonly<Record<string, NormalizationRule>>,
): Record<string, Normalization> {
  return Object.fromEntries(
    Object.entries(rules).map(([key, rule]) => {
      const of = statistics && Object.hasOwn(statistics, key) ? statistics[key] : undefined;
      const missing = rule.needs.filter((name) => !of?.[name]?.data.every(Number.isFinite));
      if (of && missing.length === 0) return [key, rule.of(of as Arrays)];
      throw new AdvectError("option", "normalizations", {
        expected: `${rule.needs.join(" and ")} of ${key}, for ${rule.name}`,
        got: of
          ? `no finite ${missing.join(", ")}`
          : `statistics of ${Object.keys(statistics ?? {}).join(", ") || "nothing"}`,
        fix: "Compute them with episodeStatistics, and store them with the policy.",
      });
    }),
  );
}

/** The data set with the columns of these features normalised, as float32. Throws "option", "shape". */
export function normalizedEpisodes(set: Episodes, by: Readonly<Record<string, Normalization>>): Episodes {
  const columns = { ...set.columns };
  for (const [key, normalization] of Object.entries(by)) {
    columns[key] = normalization.apply(columnOf(set, key) as NdArray);
  }
  return { ...set, columns };
}

/** "action.mean", "action.std" …: what a checkpoint's stats.safetensors holds. */
export function statisticsToArrays(
  statistics: Readonly<Record<string, FeatureStatistics>>,
): Record<string, NdArray<"float64">> {
  return Object.fromEntries(
    Object.entries(statistics).flatMap(([key, { count: _, ...arrays }]) =>
      Object.entries(arrays).map(([name, array]) => [`${key}.${name}`, array]),
    ),
  );
}

/** The inverse of `statisticsToArrays`; names without a dot are passed over. */
export function statisticsFromArrays(
  arrays: Readonly<Record<string, NdArray>>,
): Record<string, FeatureStatistics> {
  const result: Record<string, Record<string, NdArray>> = {};
  for (const [path, array] of Object.entries(arrays)) {
    const dot = path.lastIndexOf(".");
    if (dot > 0) (result[path.slice(0, dot)] ??= {})[path.slice(dot + 1)] = array;
  }
  return result as Record<string, FeatureStatistics>;
}
