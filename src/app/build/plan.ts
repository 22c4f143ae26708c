import type { Key } from "../../engine/random/index.ts";
import type { Draw, Tensor } from "../../engine/tensor/index.ts";
import { dropLabels, dropVectors, type Scheduler } from "../../flow/index.ts";
import type { Params, Values } from "../../nn/index.ts";
import type { Objective } from "../../train/index.ts";
import type { CompleteRecipe } from "../recipe/index.ts";
import { type Network, networkOf, type Sizes, type Told } from "./network.ts";
import { type Answering, objectiveOf, type Pairs } from "./objective.ts";
import { schedulerOf } from "./path.ts";

/** What the words of a recipe mean for data of some sizes: a network, its first values, and a loss. */
export interface Plan {
  readonly recipe: CompleteRecipe;
  readonly sizes: Sizes;
  readonly scheduler: Scheduler;
  init(key: Key): Values<Params>;
  /** Parameters that are computed in each step in place of being trained. */
  readonly next?: (params: Params) => Params;
  /** Of one batch; labels and vectors are dropped here, by the recipe's rate. */
  loss(params: Params, batch: Pairs, draw: Draw): Tensor | Objective;
  /** The network with its parameters, and the one of a bridge's correction. */
  main(params: Params): Answering;
  second(params: Params): Answering;
}

/** Throws "option". */
export function planOf(recipe: CompleteRecipe, sizes: Sizes): Plan {
  const { method } = recipe;
  const jumps = method.kind === "meanFlow" || method.kind === "shortcut";
  const network = networkOf(recipe.model, sizes, { jumps, spectral: recipe.spectralNorm ?? false });
  const scheduler = schedulerOf(recipe.path);
  const matching = objectiveOf(method, scheduler);
  const heads = method.kind === "bridgeMatching" ? bridgeHeads(network) : oneHead(network);
  return {
    recipe,
    sizes,
    scheduler,
    init: heads.init,
    ...(heads.next && { next: heads.next }),
    main: (params) => heads.main(params),
    second: (params) => heads.second(params),
    loss: (params, { condition, ...ends }, draw) => {
      const told = dropped(condition, { sizes, rate: recipe.condition.dropout ?? 0.1, draw });
      const networks = { main: heads.main(params, draw), second: heads.second(params, draw) };
      return matching(networks, { ...ends, condition: told }, draw);
    },
  };
}

interface Heads {
  init(key: Key): Values<Params>;
  readonly next?: ((params: Params) => Params) | undefined;
  main(params: Params, draw?: Draw): Answering;
  second(params: Params, draw?: Draw): Answering;
}

function oneHead(network: Network): Heads {
  const main: Heads["main"] = (params, draw) => answering(network, params, draw);
  return { init: network.init, next: network.next, main, second: main };
}

/** Two networks alike, one for the velocity and one for the correction. */
function bridgeHeads(network: Network): Heads {
  const part = (params: Params, name: string) => params[name] as Params;
  const { next } = network;
  const both = (params: Params) => ({
    velocity: next!(part(params, "velocity")),
    correction: next!(part(params, "correction")),
  });
  return {
    next: next && both,
    init: (key) => ({
      velocity: network.init(key.fold("velocity")),
      correction: network.init(key.fold("correction")),
    }),
    main: (params, draw) => answering(network, part(params, "velocity"), draw?.fold("velocity")),
    second: (params, draw) => answering(network, part(params, "correction"), draw?.fold("correction")),
  };
}

/** Methods ask the network more than once: every call has draws of its own for dropout. */
function answering(network: Network, params: Params, draw?: Draw): Answering {
  let calls = 0;
  return (x, when, told) => network.apply(params, x, when, told, draw?.fold(`network ${calls++}`));
}

function dropped(
  { labels, vector }: Told,
  { sizes, rate, draw }: { readonly sizes: Sizes; readonly rate: number; readonly draw: Draw },
): Told {
  if (rate === 0) return { ...(labels && { labels }), ...(vector && { vector }) };
  return {
    ...(labels && { labels: dropLabels(labels, { classes: sizes.classes, rate, draw }) }),
    ...(vector && { vector: dropVectors(vector, { rate, draw }) }),
  };
}
