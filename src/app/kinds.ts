import type { Data } from "./build/data.ts";
import { loadImages } from "./build/images.ts";
import { loadPoints } from "./build/points.ts";
import type { UnitWords } from "./build/units.ts";
import type { CompleteRecipe } from "./recipe/index.ts";

/** What recipes of one kind do in their own way. */
interface Kind {
  /** What there is to learn. */
  load(recipe: CompleteRecipe): Promise<Data>;
  /** Which units the model works in. */
  units(recipe: CompleteRecipe): UnitWords;
}

type OfKind<K> = Extract<CompleteRecipe, { kind: K }>;

/** A new kind of recipe has its words in recipe/schema.ts and its file in build/. */
export const kinds: { readonly [K in CompleteRecipe["kind"]]: Kind } = {
  points: {
    load: (recipe) => loadPoints(recipe as OfKind<"points">),
    units: (recipe) => (recipe as OfKind<"points">).normalize,
  },
  images: {
    load: (recipe) => loadImages(recipe as OfKind<"images">),
    units: () => "none",
  },
};
