import { AdvectError } from "../../engine/error.ts";
import { suggestion } from "../recipe/suggest.ts";

/** The word, if it is one of those. Throws "option" with the one that is meant, or all of them. */
export function choose<const Word extends string>(what: string, word: string, words: readonly Word[]): Word {
  if ((words as readonly string[]).includes(word)) return word as Word;
  const near = suggestion(word, words);
  throw new AdvectError("option", "compare", {
    expected: `a ${what} that there is`,
    got: word,
    fix: near === undefined ? `There are: ${words.join(", ")}.` : `Did you mean ${near}?`,
  });
}
