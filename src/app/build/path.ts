import {
  blurredCondOT,
  condOT,
  cosine,
  fromBetas,
  linearBetas,
  linearVP,
  polynomial,
  type Scheduler,
  scaledLinearBetas,
  sigmoidBetas,
  squaredCosineBetas,
  vp,
} from "../../flow/index.ts";
import type { PathWords } from "../recipe/index.ts";

/** The scheduler that the words name; betas are 1000 unless they say otherwise. Throws "option". */
export function schedulerOf(words: PathWords): Scheduler {
  switch (words.kind) {
    case "condOT":
      return condOT;
    case "linearVP":
      return linearVP;
    case "cosine":
      return cosine;
    case "polynomial":
      return polynomial(words.n);
    case "vp":
      return vp(words);
    case "blurredCondOT":
      return blurredCondOT(words);
    case "squaredCosineBetas":
      return fromBetas(squaredCosineBetas(words.steps ?? 1000, words));
    default:
      return fromBetas(rules[words.kind](words.steps ?? 1000, words));
  }
}

const rules = { linearBetas, scaledLinearBetas, sigmoidBetas };
