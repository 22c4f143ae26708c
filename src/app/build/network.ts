import type { NdArray } from "../../engine/array/index.ts";
import { type Key, key } from "../../engine/random/index.ts";
import {
  concat,
  type Draw,
  expandDims,
  filled,
  namedLeaves,
  oneHot,
  type Tensor,
} from "../../engine/tensor/index.ts";
import {
  type Condition,
  dit,
  type Model,
  mlp,
  type Params,
  residualMlp,
  spectralNorm,
  unet2d,
  type Values,
} from "../../nn/index.ts";
import type { ModelWords } from "../recipe/index.ts";

/** What a network is built for. */
export interface Sizes {
  /** Of one sample. */
  readonly shape: readonly number[];
  /** Number of labels; 0 for data without. */
  readonly classes: number;
  /** Of the condition vector; 0 for data without. */
  readonly conditionSize: number;
}

/** What a network is told about each sample: int32 labels [batch], where `classes` means none; vectors [batch, size]. */
export interface Told {
  readonly labels?: Tensor;
  readonly vector?: Tensor;
}

/** When a network is asked: at t, and for one-step models how far from there; each [batch]. */
export interface Moment {
  readonly t: Tensor;
  readonly length?: Tensor;
}

/** A backbone that takes labels, vectors and lengths in the way that it can. */
export interface Network {
  readonly name: string;
  init(key: Key): Values<Params>;
  readonly next?: (params: Params) => Params;
  apply(params: Params, x: Tensor, when: Moment, told: Told, draw?: Draw): Tensor;
}

export interface NetworkOptions {
  /** Tells it the length of an interval, in its condition vector. */
  readonly jumps?: boolean;
  /** Normalises its weights by their spectral norms. */
  readonly spectral?: boolean;
}

/** The backbone that the words name. */
export function networkOf(words: ModelWords, sizes: Sizes, options: NetworkOptions = {}): Network {
  return words.kind === "mlp" || words.kind === "residualMlp"
    ? ofVectors(words, sizes, options)
    : ofImages(words, sizes, options);
}

type Backbone = Model<Params, Condition> & Pick<Network, "next">;

/** The weights that begin at zero have no direction to normalise: they stay as they are. */
function normalised(model: Model<Params, Condition>, { spectral = false }: NetworkOptions): Backbone {
  if (!spectral) return model;
  const first = namedLeaves<NdArray>(model.init(key(0)));
  const isWeight = ({ path, shape }: { readonly path: string; readonly shape: readonly number[] }) =>
    shape.length >= 2 &&
    path.endsWith("weight") &&
    first.get(path)!.data.some((value: number) => value !== 0);
  return spectralNorm(model, { weights: isWeight }) as unknown as Backbone;
}

/** Labels enter as one of `classes` ones, and as zeros where there is none. */
function ofVectors(
  words: Extract<ModelWords, { kind: "mlp" | "residualMlp" }>,
  { shape, classes, conditionSize }: Sizes,
  options: NetworkOptions,
): Network {
  const size = shape.reduce((a, b) => a * b, 1);
  const told = { ...words, size, conditionSize: conditionSize + classes + (options.jumps ? 1 : 0) };
  const plain = (words.kind === "mlp" ? mlp(told) : residualMlp(told)) as Model<Params, Condition>;
  const model = normalised(plain, options);
  return {
    name: model.name,
    init: model.init,
    ...(model.next && { next: model.next }),
    apply: (params, x, { t, length }, { labels, vector }, draw) => {
      const parts = [
        ...(length ? [expandDims(length, -1)] : []),
        ...(vector ? [vector] : []),
        ...(labels ? [oneHot(labels, classes, "float32")] : []),
      ];
      const condition = parts.length > 0 ? concat(parts, -1) : undefined;
      return model.apply(params, x, t, condition, draw);
    },
  };
}

function ofImages(
  words: Extract<ModelWords, { kind: "dit" | "unet2d" }>,
  { shape, classes, conditionSize }: Sizes,
  options: NetworkOptions,
): Network {
  const image = shape as readonly [number, number, number];
  const told = { ...words, shape: image, classes, conditionSize: conditionSize + (options.jumps ? 1 : 0) };
  const plain = (told.kind === "dit" ? dit(told) : unet2d(told)) as Model<Params, Condition>;
  const model = normalised(plain, options);
  return {
    name: model.name,
    init: model.init,
    ...(model.next && { next: model.next }),
    apply: (params, x, { t, length }, { labels, vector }, draw) => {
      const parts = [...(length ? [expandDims(length, -1)] : []), ...(vector ? [vector] : [])];
      const condition = { ...(labels && { labels }), ...(parts.length > 0 && { vector: concat(parts, -1) }) };
      return model.apply(params, x, t, condition, draw);
    },
  };
}

/** What a network is told when it is told nothing: what guidance compares with. */
export function toldNothing({ labels, vector }: Told, { classes }: Sizes): Told {
  return {
    ...(labels && { labels: filled(labels.shape, classes, "int32") }),
    ...(vector && { vector: filled(vector.shape, 0, vector.dtype) }),
  };
}
