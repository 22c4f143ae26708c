import { z } from "zod";
import { type Activation, activations } from "../../nn/index.ts";
import { choice, count, oneOf, positive, rate } from "./words.ts";

const names = Object.keys(activations).filter((name) => name !== "glu") as [Activation, ...Activation[]];
const activation = { activation: z.enum(names).exactOptional() };
const dropout = { dropout: rate.exactOptional() };
const time = { timeSize: count.exactOptional(), timeScale: positive.exactOptional() };
const sizes = { hidden: count.exactOptional(), depth: count.exactOptional() };

const mlp = choice("mlp", { ...sizes, ...activation, ...dropout });
const residualMlp = choice("residualMlp", {
  ...sizes,
  ...activation,
  ...dropout,
  ...time,
  expansion: positive.exactOptional(),
  conditioning: z.enum(["add", "film", "adaln"]).exactOptional(),
  timeOutputs: count.exactOptional(),
});
const dit = choice("dit", {
  ...sizes,
  ...dropout,
  ...time,
  patch: count.exactOptional(),
  heads: count.exactOptional(),
  expansion: positive.exactOptional(),
  positions: z.enum(["learned", "sinusoidal"]).exactOptional(),
});
const unet2d = choice("unet2d", {
  ...dropout,
  ...time,
  widths: z.array(count).min(1).exactOptional(),
  blocksPerLevel: count.exactOptional(),
  attentionAt: z.array(count).exactOptional(),
  heads: count.exactOptional(),
  groups: count.exactOptional(),
});

/** Backbones for vectors; their options and defaults are those of advect/nn. */
export const pointModel = oneOf([mlp, residualMlp]);
/** Backbones for images. */
export const imageModel = oneOf([mlp, residualMlp, dit, unet2d]);

export type ModelWords = z.infer<typeof imageModel>;
