import { columnOf, type Episodes } from "../../data/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { navigation } from "../sim/index.ts";
import { actionFeature } from "./chunk-rows.ts";
import type { PolicySpec } from "./policy.ts";

export interface Horizons {
  readonly obsHorizon: number;
  readonly horizon: number;
  readonly executeSteps: number;
}

export interface EpisodesSpecOptions extends Horizons {
  /** That of the data unless given. */
  readonly name?: string;
  /** Features to observe; all "observation.…" of numbers with one axis unless given. */
  readonly observation?: readonly string[];
}

/**
 * The spec that recorded episodes imply: actions are positions, in units that the data do not tell, within what was
 * commanded and a twentieth of it around; narrow or widen the limits before a robot obeys. Throws "option" for features
 * that are not there, "shape" for those with more than one axis.
 */
export function episodesSpec(set: Episodes, options: EpisodesSpecOptions): PolicySpec {
  const { name = set.name, obsHorizon, horizon, executeSteps } = options;
  const keys = options.observation ?? usualFeatures(set);
  if (keys.length === 0) {
    throw new AdvectError("option", set.name, {
      expected: "features to observe",
      got: Object.keys(set.columns).join(", "),
      fix: "Name them: --obs observation.state.",
    });
  }
  return {
    name,
    observation: Object.fromEntries(keys.map((key) => [key, [widthOf(set, key)]])),
    obsHorizon,
    horizon,
    executeSteps,
    stepSeconds: 1 / set.fps,
    action: dimensionsOf(set),
  };
}

function usualFeatures(set: Episodes): string[] {
  return Object.entries(set.columns).flatMap(([key, { shape, dtype }]) =>
    key.startsWith("observation.") && shape.length === 2 && dtype !== "bool" ? [key] : [],
  );
}

function widthOf(set: Episodes, key: string): number {
  const { shape } = columnOf(set, key);
  if (shape.length === 2) return shape[1]!;
  throw new AdvectError("shape", set.name, {
    expected: `${key} with one axis`,
    got: `[${shape.slice(1)}]`,
    fix: "Policies observe vectors.",
  });
}

function dimensionsOf(set: Episodes): PolicySpec["action"] {
  const width = widthOf(set, actionFeature);
  const { data } = columnOf(set, actionFeature);
  const names = set.features[actionFeature]?.names ?? [];
  return Array.from({ length: width }, (_, i) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let at = i; at < data.length; at += width) {
      low = Math.min(low, Number(data[at]));
      high = Math.max(high, Number(data[at]));
    }
    const margin = (high - low) / 20 || 1;
    const name = names[i] ?? `action ${i}`;
    return { name, kind: "position", unit: "", low: low - margin, high: high + margin } as const;
  });
}

/** What policies of the navigation task see and do: the place in, velocities out, in metres and m/s. */
export function navigationSpec({
  obsHorizon = 2,
  horizon = 16,
  executeSteps = 8,
}: Partial<Horizons> = {}): PolicySpec {
  const { stepSeconds, action } = navigation().spec;
  return {
    name: "navigation",
    observation: { "observation.state": [2] },
    ...{ obsHorizon, horizon, executeSteps, stepSeconds },
    action: action.names.map((name, i) => ({
      ...{ name, kind: "velocity", unit: "m/s" },
      ...{ low: action.low[i]!, high: action.high[i]! },
    })) as PolicySpec["action"],
  };
}
