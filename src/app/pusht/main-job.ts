import { type Clock, systemClock } from "../../engine/clock.ts";
import { readFile, writeFileAtomic } from "../../engine/platform/index.ts";
import { key } from "../../engine/random/index.ts";
import { type Evaluation, type EvaluationProgress, loadPolicy, systemTimer } from "../../robot/index.ts";
import { type ProgressOptions, readLog } from "../../train/index.ts";
import { evaluatePusht } from "./evaluate.ts";
import { lossOf, rewardFigure, unfoldingFigure } from "./figures.ts";
import { type LiveReport, type LiveStep, livePusht } from "./live.ts";
import { reportPage } from "./report.ts";
import { type PushtPlan, plannedEpisodes, quickPlan, type TrainPushtResult, trainPusht } from "./train.ts";
import { agentPlace, unfold } from "./unfold.ts";

export interface MainJobRequest {
  readonly folder: string;
  /** Of the whole job but the last episode, which runs in real time; 300 unless given. */
  readonly seconds?: number;
  readonly plan?: PushtPlan;
  /** The first of the seeds that are played: 200000, which no choice of a policy was made by, unless given. */
  readonly from?: number;
  readonly episodes?: number;
  /** Steps of the episode in real time: 300, or 30 where the budget is below a minute, unless given. */
  readonly liveSteps?: number;
  /** What is being done. */
  readonly say: (text: string) => void;
  readonly training?: ProgressOptions;
  readonly evaluating?: (state: EvaluationProgress) => void;
  readonly playing?: (step: LiveStep) => void;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

export interface MainJobResult {
  readonly folder: string;
  readonly training: TrainPushtResult;
  /** What follows is null where training was interrupted. */
  readonly evaluation: Evaluation | null;
  readonly live: LiveReport | null;
  /** Paths, the page first. */
  readonly files: readonly string[];
}

/** Left for the evaluation and the pictures. */
const trainingShare = 0.85;

/**
 * From demonstrations to a robot task: trains a policy on those that ship with advect, plays episodes, drives one in
 * real time, and writes a report. Called again it goes on where it stopped. Throws as its parts.
 */
export async function pushtMainJob(request: MainJobRequest): Promise<MainJobResult> {
  const { folder, seconds = 300, plan = quickPlan, clock = systemClock, say, signal } = request;
  say("Training on 206 demonstrations of PushT …");
  const training = await trainPusht({
    plan,
    folder,
    budget: { seconds: trainingShare * seconds },
    clock,
    ...(request.training && { progress: request.training }),
    ...(signal && { signal }),
  });
  if (training.reason === "aborted") return { folder, training, evaluation: null, live: null, files: [] };
  const { from = 200000, episodes: count = 20 } = request;
  say(`Playing ${count} episodes …`);
  const { evaluation, episodes, files } = await evaluatePusht({
    policy: folder,
    folder: `${folder}/evaluation`,
    from,
    count,
    clock,
    warn: say,
    ...(request.evaluating && { progress: request.evaluating }),
    ...(signal && { signal }),
  });
  using policy = await loadPolicy(folder);
  const maxSteps = request.liveSteps ?? (seconds < 60 ? 30 : 300);
  say("Driving an episode in real time, 10 steps a second …");
  const live = await livePusht({
    policy,
    seed: from,
    key: key(plan.seed).fold("live"),
    timer: systemTimer({ clock }),
    maxSteps,
    ...(request.playing && { shown: request.playing }),
    ...(signal && { signal }),
  });
  const set = await plannedEpisodes({ mirror: false });
  const unfolding = await unfold({ policy, set, key: key(plan.seed).fold("unfold"), originOf: agentPlace });
  const page = reportPage({
    training,
    evaluation,
    live,
    figures: {
      loss: lossOf(await readLog(`${folder}/log.jsonl`)),
      rewards: rewardFigure(episodes),
      unfolding: unfoldingFigure(unfolding, { names: policy.spec.action.map(({ name }) => name) }),
    },
    sheet: await readFile(`${folder}/evaluation/final.png`),
    replay: await readFile(`${folder}/evaluation/replay.gif`),
  });
  const results = `${JSON.stringify({ training, evaluation, live, plan }, null, 2)}\n`;
  await writeText(`${folder}/report.html`, page);
  await writeText(`${folder}/results.json`, results);
  return {
    folder,
    training,
    evaluation,
    live,
    files: [
      `${folder}/report.html`,
      `${folder}/results.json`,
      ...files.map((name) => `${folder}/evaluation/${name}`),
    ],
  };
}

const writeText = (path: string, text: string) => writeFileAtomic(path, new TextEncoder().encode(text));
