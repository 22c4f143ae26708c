import { type Episodes, pushtDemonstrations } from "../../data/index.ts";
import { writeFileAtomic } from "../../engine/platform/index.ts";
import { key } from "../../engine/random/index.ts";
import { type Figure, qualityFigure } from "../../figure/index.ts";
import {
  loadPolicy,
  navigationDemonstrations,
  type Observation,
  pushtEpisodes,
  type TaskName,
} from "../../robot/index.ts";
import { drawn } from "../run/draw.ts";
import type { PolicyComparison } from "./compare.ts";
import { policyComparisonJson, policyComparisonText } from "./compare-text.ts";
import { unfoldingFigure } from "./figures.ts";
import { agentPlace, unfold } from "./unfold.ts";

/** What is missing to a perfect score, against calls of the network. */
export function comparisonFigure({ rows, task }: PolicyComparison): Figure {
  const methods = [...new Set(rows.map(({ method }) => method))].map((name) => {
    const own = rows
      .filter(({ method }) => method === name)
      .sort((a, b) => a.evaluation.nfe - b.evaluation.nfe);
    return {
      name,
      nfe: own.map(({ evaluation }) => evaluation.nfe),
      values: own.map(({ evaluation }) => 1 - evaluation.meanMaxReward),
      stdErrors: own.map(({ evaluation }) => evaluation.meanMaxRewardStdErr ?? 0),
    };
  });
  return qualityFigure({ methods, metric: "1 - score", title: task });
}

/** What is drawn of a task's actions: demonstrations, and what actions are counted from. */
interface Drawing {
  readonly set: Episodes;
  readonly originOf: (observation: Observation) => ArrayLike<number>;
  readonly about: string;
}

const drawings: Readonly<Record<TaskName, () => Promise<Drawing>>> = {
  pusht: async () => ({
    set: pushtEpisodes(await pushtDemonstrations()),
    originOf: agentPlace,
    about: "where the agent is sent to, from where it is, in pixels",
  }),
  navigation: async () => ({
    set: navigationDemonstrations({ key: key("compare").fold("demonstrations"), count: 40 }),
    originOf: () => [0, 0],
    about: "velocities in metres a second",
  }),
};

/** Of each method, demonstrated actions beside generated ones, by dimension, from t = 0 to 1. */
export async function unfoldingFigures({
  trainings,
  task,
}: Pick<PolicyComparison, "trainings" | "task">): Promise<Record<string, Figure>> {
  const { about, ...shown } = await drawings[task]();
  const figures: Record<string, Figure> = {};
  for (const { method, folder } of trainings) {
    using policy = await loadPolicy(folder);
    const unfolding = await unfold({ ...shown, policy, key: key("compare").fold(method), count: 40 });
    const names = policy.spec.action.map(({ name }) => name);
    const title = `${method}: ${about}`;
    figures[`actions-${method}`] = { ...unfoldingFigure(unfolding, { names }), title };
  }
  return figures;
}

export interface SaveComparisonOptions {
  /** Told when pictures are SVG only. */
  readonly warn?: (message: string) => void;
}

/** Writes comparison.json, comparison.md and the pictures; returns their paths. Throws "io". */
export async function savePolicyComparison(
  comparison: PolicyComparison,
  folder: string,
  { warn }: SaveComparisonOptions = {},
): Promise<string[]> {
  const figures = { score: comparisonFigure(comparison), ...(await unfoldingFigures(comparison)) };
  const text = new TextEncoder();
  const files: Record<string, Uint8Array> = {
    "comparison.json": text.encode(`${JSON.stringify(policyComparisonJson(comparison), null, 2)}\n`),
    "comparison.md": text.encode(`${policyComparisonText(comparison)}\n`),
    ...(await drawn(figures, warn)),
  };
  for (const [name, bytes] of Object.entries(files)) await writeFileAtomic(`${folder}/${name}`, bytes);
  return Object.keys(files).map((name) => `${folder}/${name}`);
}
