import { pushtDemonstrations } from "../../data/index.ts";
import { type Clock, systemClock } from "../../engine/clock.ts";
import { readFile, writeFileAtomic } from "../../engine/platform/index.ts";
import { key } from "../../engine/random/index.ts";
import {
  type Episode,
  type Evaluation,
  type EvaluationProgress,
  loadPolicy,
  type NeuralPolicy,
  pushtEpisodes,
  systemTimer,
} from "../../robot/index.ts";
import { type ProgressOptions, readLog } from "../../train/index.ts";
import {
  type CompletePolicy,
  policyRecipeOfRun,
  type TrainPolicyResult,
  trainPolicyRecipe,
} from "../policy/index.ts";
import { isRun } from "../run/folder.ts";
import { evaluatePusht } from "./evaluate.ts";
import { lossOf, rewardFigure, unfoldingFigure } from "./figures.ts";
import { type LiveReport, type LiveStep, livePusht } from "./live.ts";
import { reportPage } from "./report.ts";
import { agentPlace, unfold } from "./unfold.ts";

export interface MainJobRequest {
  /** How to train; its steps give way to the budget. */
  readonly recipe: CompletePolicy;
  readonly folder: string;
  /** Of the whole job but the last episode, which runs in real time; 300 unless given. */
  readonly seconds?: number;
  /** The first of the seeds that are played: 200000, where those begin that recipes are chosen by, unless given. */
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
  readonly training: TrainPolicyResult;
  /** What follows is null where training was interrupted. */
  readonly evaluation: Evaluation | null;
  readonly live: LiveReport | null;
  /** Paths, the page first. */
  readonly files: readonly string[];
}

/** Left for the evaluation and the pictures. */
const trainingShare = 0.85;
const firstSeed = 200000;

/**
 * From demonstrations to a robot task: trains a policy on those that ship with advect, plays episodes, drives one in
 * real time, and writes a report. Called again it goes on where it stopped. Throws as its parts.
 */
export async function pushtMainJob(request: MainJobRequest): Promise<MainJobResult> {
  const { folder, seconds = 300, clock = systemClock, say, signal } = request;
  say("Training on 206 demonstrations of PushT …");
  const training = await trainPolicyRecipe({
    ...(await recipeAt(request, trainingShare * seconds)),
    folder,
    clock,
    warn: say,
    ...(request.training && { progress: request.training }),
    ...(signal && { signal }),
  });
  if (training.reason === "aborted") return { folder, training, evaluation: null, live: null, files: [] };
  const { from = firstSeed, episodes: count = 20 } = request;
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
  const live = await driven(request, policy);
  await writeReport(folder, { policy, training, evaluation, live, episodes });
  const own = ["report.html", "results.json", ...files.map((name) => `evaluation/${name}`)];
  return { folder, training, evaluation, live, files: own.map((name) => `${folder}/${name}`) };
}

/** One episode in real time: short where there is little time for all. */
function driven(request: MainJobRequest, policy: NeuralPolicy): Promise<LiveReport> {
  const { seconds = 300, from = firstSeed, recipe, clock = systemClock, say, signal } = request;
  say("Driving an episode in real time, 10 steps a second …");
  return livePusht({
    policy,
    seed: from,
    key: key(recipe.seed).fold("live"),
    timer: systemTimer({ clock }),
    maxSteps: request.liveSteps ?? (seconds < 60 ? 30 : 300),
    ...(request.playing && { shown: request.playing }),
    ...(signal && { signal }),
  });
}

interface Results {
  readonly policy: NeuralPolicy;
  readonly training: TrainPolicyResult;
  readonly evaluation: Evaluation;
  readonly live: LiveReport;
  readonly episodes: readonly Episode[];
}

async function writeReport(
  folder: string,
  { policy, training, evaluation, live, episodes }: Results,
): Promise<void> {
  const set = pushtEpisodes(await pushtDemonstrations());
  const drawing = key(training.recipe.seed).fold("unfold");
  const unfolding = await unfold({ policy, set, key: drawing, originOf: agentPlace });
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
  await writeText(`${folder}/report.html`, page);
  await writeText(`${folder}/results.json`, `${JSON.stringify({ training, evaluation, live }, null, 2)}\n`);
}

/** The recipe of the run that is there; else the one given, with as many steps as take so long. */
async function recipeAt(
  { folder, recipe }: MainJobRequest,
  seconds: number,
): Promise<{ readonly recipe: CompletePolicy; readonly resume: boolean }> {
  if (await isRun(folder)) return { recipe: await policyRecipeOfRun(folder), resume: true };
  const { steps: _, learningRate: rate, ...training } = recipe.training;
  const warmed = rate.kind === "cosine" || rate.kind === "linear" || rate.kind === "constant";
  const warmup = Math.min(warmed ? (rate.warmup ?? 0) : 0, Math.ceil(seconds));
  const learningRate = warmed ? { ...rate, warmup } : rate;
  const log = seconds < 60 ? { every: 5 } : training.log;
  return { recipe: { ...recipe, training: { ...training, learningRate, log, seconds } }, resume: false };
}

const writeText = (path: string, text: string) => writeFileAtomic(path, new TextEncoder().encode(text));
