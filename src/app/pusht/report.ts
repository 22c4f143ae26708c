import type { Figure } from "../../figure/index.ts";
import type { Evaluation } from "../../robot/index.ts";
import type { TrainPolicyResult } from "../policy/index.ts";
import { escaped, factTable, htmlPage, inlineFigure, inlineImage } from "./html.ts";
import type { LiveReport } from "./live.ts";

export interface PushtReport {
  readonly training: TrainPolicyResult;
  readonly evaluation: Evaluation;
  readonly live: LiveReport;
  readonly figures: { readonly loss: Figure; readonly rewards: Figure; readonly unfolding: Figure };
  readonly sheet: Uint8Array;
  readonly replay: Uint8Array;
}

const percent = (part: number) => `${(100 * part).toFixed(0)} %`;
const ms = (time: number) => `${time.toFixed(2)} ms`;

/** The page about a policy: how it learned, how well it does, how fast it is. */
export function reportPage(report: PushtReport): string {
  const { training, evaluation, live, figures } = report;
  const score = evaluation.meanMaxReward.toFixed(3);
  return htmlPage({
    title: "PushT: from demonstrations to a policy",
    lead: `Score ${score}, success ${percent(evaluation.successRate)} on ${evaluation.episodes} episodes, after ${Math.round(training.seconds)} s of training.`,
    sections: [
      {
        title: "Score",
        body: factTable(scoreRows(evaluation)) + inlineFigure(figures.rewards, rewardsCaption),
      },
      { title: "Episodes", body: pictures(report) },
      { title: "Real time", body: factTable(liveRows(evaluation, live)) },
      {
        title: "Training",
        body: factTable(trainingRows(training)) + inlineFigure(figures.loss, "Loss over the steps."),
      },
      {
        title: "From noise to action",
        body: `<p>${escaped(unfoldingText)}</p>${inlineFigure(figures.unfolding, "Where the agent is sent to, from where it is, in pixels.")}`,
      },
    ],
  });
}

const rewardsCaption = "A reward of 1 is a coverage of 95 %; an episode ends there, or after 300 steps.";
const unfoldingText =
  "For observations of the demonstrations the policy draws noise (t = 0) and carries it along its velocity field to " +
  "actions (t = 1). The better it has learned, the more these are distributed as those that were demonstrated.";

function pictures({ sheet, replay }: PushtReport): string {
  return [
    inlineImage(
      { bytes: replay, type: "image/gif" },
      "Episodes, twice as fast as they were. The red dot is where the agent is sent to.",
    ),
    inlineImage(
      { bytes: sheet, type: "image/png" },
      "How each episode ended: green is a success, red a reward below 0.8.",
    ),
  ].join("\n");
}

function scoreRows(found: Evaluation): [string, string][] {
  const {
    meanMaxRewardStdErr: error,
    successInterval: [low, high],
    jerk,
  } = found;
  return [
    [
      "Mean of the largest reward",
      `${found.meanMaxReward.toFixed(3)}${error === null ? "" : ` ± ${error.toFixed(3)}`}`,
    ],
    ["Success", `${percent(found.successRate)} (95 % interval ${percent(low)} to ${percent(high)})`],
    ["Episodes below 0.8", `${found.belowCount} of ${found.episodes}`],
    ["Steps of an episode", found.meanSteps.toFixed(0)],
    ["Seeds", `${found.seeds[0]} to ${found.seeds.at(-1)}; noise seed ${found.noiseSeed}`],
    [
      "Chunks",
      `${found.nfe} evaluations of the network each, ${found.executeSteps} of their actions executed`,
    ],
    [
      "Jerk",
      `${jerk.inside.mean.toFixed(0)} px/s³ inside of chunks, ${jerk.boundary.mean.toFixed(0)} between them`,
    ],
  ];
}

function liveRows(
  { latencyMs: latency, deadlineMisses }: Evaluation,
  { loop, ...live }: LiveReport,
): [string, string][] {
  const { misses, lateness, inference } = loop.statistics;
  const tail = live.success ? "a success" : "then it was cut off";
  return [
    ...(latency
      ? ([
          [
            "One chunk, alone",
            `p50 ${ms(latency.p50)}, p95 ${ms(latency.p95)}, p99 ${ms(latency.p99)}, largest ${ms(latency.max)}`,
          ],
          ["Slower than a step", `${deadlineMisses} predictions`],
        ] as [string, string][])
      : []),
    [
      "Episode against the clock",
      `seed ${live.seed}: ${live.steps} steps, reward ${live.maxReward.toFixed(3)}, ${tail}`,
    ],
    ["Its chunks", `${inference.count}: p50 ${ms(inference.p50Ms)}, largest ${ms(inference.maxMs)}`],
    [
      "Actions after their tick",
      `p50 ${ms(lateness.p50Ms)}, p99 ${ms(lateness.p99Ms)}, largest ${ms(lateness.maxMs)}`,
    ],
    [
      "Missed ticks",
      `${misses.total} of ${live.steps}: ${misses.late} late, ${misses.empty} without a chunk, ${misses.skipped} skipped`,
    ],
  ];
}

function trainingRows({
  step,
  steps,
  seconds,
  parameterCount,
  recipe,
  loss,
}: TrainPolicyResult): [string, string][] {
  return [
    ["Recipe", `${recipe.name}: ${recipe.method.kind} with ${recipe.model.kind}`],
    ["Parameters", parameterCount.toLocaleString("en")],
    ["Steps", `${step.toLocaleString("en")} of ${steps.toLocaleString("en")}, in ${seconds.toFixed(0)} s`],
    ["Loss", loss === null ? "unknown" : loss.toPrecision(4)],
  ];
}
