import type { Key } from "../../engine/random/index.ts";
import { split } from "../split.ts";
import { type Episodes, selectEpisodes } from "./episodes.ts";

/**
 * Parts whole episodes at random, so that no frame of training stands beside one of validation: round(validation
 * count) of them for validation. The same key parts the same data set the same way. Throws "option".
 */
export function splitEpisodes(
  key: Key,
  { set, validation }: { readonly set: Episodes; readonly validation: number },
): { readonly train: Episodes; readonly validation: Episodes } {
  const parts = split(key, { count: set.episodes.length, validation });
  return {
    train: selectEpisodes(set, parts.train),
    validation: selectEpisodes(set, parts.validation),
  };
}
