import type { PolicyComparison, PolicyRow } from "./compare.ts";
import { policyMethods } from "./methods.ts";
import { waysOf } from "./navigation.ts";

/** What is written down of a comparison: all but the actions of each episode. */
export function policyComparisonJson({ rows, ...facts }: PolicyComparison) {
  return { ...facts, rows: rows.map(({ episodes: _, ...row }) => row) };
}

/** The comparison as Markdown that reads well as plain text. */
export function policyComparisonText(comparison: PolicyComparison): string {
  const { task, recipe, model, steps, rows } = comparison;
  const [first] = rows;
  const { episodes, seeds, noiseSeed, executeSteps } = first!.evaluation;
  const methods = [...new Set(rows.map(({ method }) => method))];
  return [
    `${task}: ${model} of ${recipe}, ${steps} optimiser steps for each method; ${episodes} episodes from seed ${seeds[0]}, ` +
      `noise seed ${noiseSeed}, ${executeSteps} actions of a chunk executed.`,
    table([heads, ...rows.map(cells)]),
    `Score: mean of the largest reward. Below: episodes under 0.8. Paired: score less that of ${first!.sampler} on the same ` +
      "episodes. Jerk: of the commands, per second cubed, in chunks and between them. Same noise: largest difference " +
      "between chunks of the same noise; other noise: root mean square between chunks of different noise.",
    ...(task === "navigation" ? [waysTable(comparison), waysNote] : []),
    methods.map((name) => `- ${name}: ${policyMethods[name].about}`).join("\n"),
  ].join("\n\n");
}

const waysNote =
  "Coverage: the part of the episodes on the rarer of two ways that were demonstrated equally often; collided: episodes " +
  "that ran into something.";

function waysTable(comparison: PolicyComparison): string {
  const rows = waysOf(comparison).map(({ sampler, above, below, none, coverage, collided }) =>
    [sampler, above, below, none, coverage.toFixed(2), collided].map(String),
  );
  return table([["sampler", "above", "below", "neither", "coverage", "collided"], ...rows]);
}

const heads = [
  "sampler",
  "NFE",
  "score",
  "success",
  "below",
  "paired",
  "p50 ms",
  "p99 ms",
  "jerk in",
  "between",
  "same noise",
  "other noise",
];

function cells({ sampler, evaluation, noise, paired }: PolicyRow): string[] {
  const { latencyMs: latency, jerk, successInterval } = evaluation;
  const [low, high] = successInterval.map((part) => (100 * part).toFixed(0));
  return [
    sampler,
    `${evaluation.nfe}`,
    withError(evaluation.meanMaxReward, evaluation.meanMaxRewardStdErr),
    `${(100 * evaluation.successRate).toFixed(0)} % (${low} to ${high})`,
    `${evaluation.belowCount}`,
    withError(paired.difference, paired.stdErr),
    latency ? latency.p50.toFixed(2) : "",
    latency ? latency.p99.toFixed(2) : "",
    short(jerk.inside.mean),
    short(jerk.boundary.mean),
    short(noise.sameNoise),
    short(noise.otherNoise),
  ];
}

const short = (value: number) => (value === 0 ? "0" : Number(value.toPrecision(3)).toString());
const withError = (value: number, error: number | null) =>
  `${value.toFixed(3)}${error === null ? "" : ` +- ${error.toFixed(3)}`}`;

function table([head, ...rows]: readonly (readonly string[])[]): string {
  const widths = head!.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  return [line(head!), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
