import {
  columnOf,
  type Episodes,
  loadEpisodes,
  pushtDemonstrations,
  splitEpisodes,
} from "../../data/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { type Key, key } from "../../engine/random/index.ts";
import {
  episodesSpec,
  navigationDemonstrations,
  navigationSpec,
  type PolicyDesign,
  type PolicySpec,
  pushtEpisodes,
  pushtSpec,
  type ScalingChoice,
  type ScalingChoices,
} from "../../robot/index.ts";
import type { CompletePolicy } from "./recipe.ts";
import type { ScalingWords } from "./schema.ts";

/** What a recipe of a policy asks to be learned, and from what. */
export interface PolicyTask {
  readonly design: PolicyDesign;
  readonly choices: ScalingChoices;
  readonly train: Episodes;
  /** Episodes kept from training, where the recipe asks for validation. */
  readonly heldOut?: Episodes;
}

/** Loads the demonstrations of a recipe. Throws "io", "format", "option", "shape". */
export async function policyTask(recipe: CompletePolicy): Promise<PolicyTask> {
  const { set, spec, arranged } = await demonstrations(recipe);
  const design = designOf(recipe, spec);
  const { validation } = recipe.training;
  const parts = validation
    ? splitEpisodes(splitKey(recipe), { set, validation: validation.part })
    : { train: set, validation: undefined };
  return {
    design,
    choices: choicesOf(recipe, spec),
    train: arranged(parts.train, { training: true }),
    ...(parts.validation && { heldOut: arranged(parts.validation, { training: false }) }),
  };
}

const splitKey = ({ seed }: CompletePolicy): Key => key(seed).fold("split");

interface Demonstrations {
  readonly set: Episodes;
  readonly spec: PolicySpec;
  /** The episodes with the features of the spec; mirror images are for training only. */
  arranged(set: Episodes, use: { readonly training: boolean }): Episodes;
}

async function demonstrations({ data, ...recipe }: CompletePolicy): Promise<Demonstrations> {
  const { obsHorizon, horizon, executeSteps } = recipe;
  const lengths = { obsHorizon, horizon, executeSteps };
  if (data.kind === "pusht") {
    const { folder, mirror = false } = data;
    return {
      set: await pushtDemonstrations(folder === undefined ? {} : { folder }),
      spec: pushtSpec(lengths),
      arranged: (set, { training }) => pushtEpisodes(set, { mirror: mirror && training }),
    };
  }
  if (data.kind === "navigation") {
    const count = data.count ?? 100;
    const set = navigationDemonstrations({ key: key(recipe.seed).fold("demonstrations"), count });
    return { set, spec: navigationSpec(lengths), arranged: (part) => part };
  }
  const set = withAction(await loaded(data), data.action);
  const { observation } = data;
  const spec = episodesSpec(set, { ...lengths, name: recipe.name, ...(observation && { observation }) });
  return { set, spec, arranged: (part) => part };
}

type EpisodesData = Extract<CompletePolicy["data"], { kind: "episodes" }>;

async function loaded({ path, fps }: EpisodesData): Promise<Episodes> {
  if (path !== undefined) return loadEpisodes(path, fps === undefined ? {} : { fps });
  throw new AdvectError("option", "data.path", {
    expected: "demonstrations to learn from",
    got: "nothing",
    fix: "Give their folder: advect train policy --data recordings/my-robot.",
  });
}

/** Policies learn the feature "action", whatever it is called. */
function withAction(set: Episodes, name = "action"): Episodes {
  if (name === "action") return set;
  const feature = set.features[name];
  return {
    ...set,
    columns: { ...set.columns, action: columnOf(set, name) },
    features: { ...set.features, ...(feature && { action: feature }) },
  };
}

function designOf({ model, method, start, actions }: CompletePolicy, spec: PolicySpec): PolicyDesign {
  const design = { spec, backbone: model, method, ...(start === "rest" && { start }) };
  if (actions.kind === "absolute") return design;
  const feature = actions.to ?? "observation.state";
  const elements = actions.elements ?? spec.action.map((_, i) => i);
  return { ...design, relativeTo: { feature, elements } };
}

/** PushT's coordinates become (p - 256) / 256 unless the recipe says otherwise. */
function choicesOf({ normalize, actions, data }: CompletePolicy, spec: PolicySpec): ScalingChoices {
  const usual: ScalingChoice = data.kind === "pusht" ? { shift: 256, scale: 256 } : "rescaled";
  const seen = choiceOf(normalize.observation) ?? usual;
  const relative = actions.kind === "relative";
  const scaled = relative && actions.scale !== undefined ? { shift: 0, scale: actions.scale } : undefined;
  return {
    observation: Object.fromEntries(Object.keys(spec.observation).map((name) => [name, seen])),
    action: choiceOf(normalize.action) ?? scaled ?? (relative ? "rescaled" : usual),
  };
}

function choiceOf(words: ScalingWords | undefined): ScalingChoice | undefined {
  if (words === undefined) return undefined;
  return words.kind === "fixed" ? { shift: words.shift, scale: words.scale } : words.kind;
}
