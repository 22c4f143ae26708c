import { AdvectError } from "../error.ts";
import { philox, type Words } from "./philox.ts";

/**
 * Where random numbers come from: an immutable 128-bit value. The same key always draws the same numbers, on every
 * platform; children are independent of each other and of their parent's own draws.
 */
export interface Key {
  /** All there is to save; `restoreKey(words)` brings the key back. */
  readonly words: Words;
  /** The child called `name`, a string or an integer >= 0; `fold("1")` and `fold(1)` differ. Throws "option". */
  fold(name: string | number): Key;
  /** `count` children, different from every `fold`; child i does not depend on `count`. Throws "option". */
  split(count: number): Key[];
}

/** The key of an experiment, from a string or an integer >= 0; neighbouring seeds are unrelated. Throws "option". */
export function key(seed: string | number): Key {
  return restoreKey(foldInto([0, 0, 0, 0], seed, "key"));
}

/** The key with these words, as saved from `key.words`. Throws "option" unless they are four unsigned 32-bit integers. */
export function restoreKey(words: readonly number[]): Key {
  const [a, b, c, d] = words;
  if (words.length !== 4 || !words.every((word) => word === word >>> 0)) {
    throw new AdvectError("option", "restoreKey", {
      expected: "four integers from 0 to 2^32 - 1",
      got: words,
      fix: "Pass the words of a key.",
    });
  }
  return keyOf([a!, b!, c!, d!]);
}

function keyOf(words: Words): Key {
  return {
    words,
    fold: (name) => keyOf(foldInto(words, name, "key.fold")),
    split: (count) => {
      checkCount(count, "key.split");
      return Array.from({ length: count }, (_, i) => keyOf(derive(words, domains.split, i)));
    },
  };
}

/** What a child is derived for; keeps 1, "1" and the second of `split` apart. Draws use the domain 0. */
const domains = { integer: 0x80000000, split: 0xa0000000, length: 0xc0000000, text: 0xe0000000 };

/** The block at counter (value, domain), of the stream whose key and upper counter are `words`. */
function derive(words: Words, domain: number, value: number): Words {
  const high = Math.floor(value / 2 ** 32);
  return philox([value >>> 0, (domain | high) >>> 0, words[2], words[3]], [words[0], words[1]]);
}

function foldInto(words: Words, name: string | number, where: string): Words {
  if (typeof name === "string") return foldText(words, new TextEncoder().encode(name));
  checkCount(name, where);
  return derive(words, domains.integer, name);
}

/** Length first, then four bytes at a time, so that no name is the beginning of another. */
function foldText(words: Words, bytes: Uint8Array): Words {
  let result = derive(words, domains.length, bytes.length);
  for (let i = 0; i < bytes.length; i += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(i, i + 4);
    result = derive(result, domains.text, (a | (b << 8) | (c << 16) | (d << 24)) >>> 0);
  }
  return result;
}

function checkCount(value: number, where: string): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new AdvectError("option", where, {
    expected: "an integer >= 0",
    got: value,
    fix: "Round it, or use a string as the name.",
  });
}
