import { AdvectError } from "../../engine/error.ts";

/** The draws of NumPy's legacy `RandomState(seed)`, one by one, bit for bit. */
export interface RandomState {
  /** 32 random bits. */
  word(): number;
  /** `randint(low, high)`: an integer in [low, high), high - low <= 2^32. */
  integer(range: { readonly low: number; readonly high: number }): number;
  /** `random_sample()`: uniform in [0, 1) with 53 bits. */
  uniform(): number;
  /** `randn()`: a standard normal number, by the polar method. */
  normal(): number;
}

/**
 * MT19937 seeded with an integer in [0, 2^32) [matsumoto1998], as environments of the Python world seed themselves.
 * For everything else there is `Key`. Throws "option".
 */
export function randomState(seed: number): RandomState {
  if (seed !== seed >>> 0) {
    throw new AdvectError("option", "randomState", { expected: "an integer from 0 to 2^32 - 1", got: seed });
  }
  const word = mersenneTwister(seed);
  const uniform = () => ((word() >>> 5) * 67108864 + (word() >>> 6)) / 2 ** 53;
  return {
    word,
    uniform,
    normal: polar(uniform),
    integer: ({ low, high }) => low + masked(word, high - 1 - low),
  };
}

const size = 624;
const middle = 397;

function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(size);
  state[0] = seed;
  for (let i = 1; i < size; i++) {
    const before = state[i - 1]! ^ (state[i - 1]! >>> 30);
    state[i] = Math.imul(before, 1812433253) + i;
  }
  let at = size;
  return () => {
    if (at === size) {
      twist(state);
      at = 0;
    }
    return temper(state[at++]!);
  };
}

function twist(state: Uint32Array): void {
  for (let i = 0; i < size; i++) {
    const bits = (state[i]! & 0x80000000) | (state[(i + 1) % size]! & 0x7fffffff);
    state[i] = state[(i + middle) % size]! ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0);
  }
}

function temper(word: number): number {
  let y = word;
  y ^= y >>> 11;
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  return (y ^ (y >>> 18)) >>> 0;
}

/** An integer in [0, most]: as many low bits as `most` has, drawn again while too large. */
function masked(word: () => number, most: number): number {
  const mask = most === 0 ? 0 : 0xffffffff >>> Math.clz32(most);
  let value = (word() & mask) >>> 0;
  while (value > most) value = (word() & mask) >>> 0;
  return value;
}

/** Two numbers a turn; the second is kept for the next call. */
function polar(uniform: () => number): () => number {
  let kept: number | undefined;
  return () => {
    if (kept !== undefined) {
      const value = kept;
      kept = undefined;
      return value;
    }
    let x = 0;
    let y = 0;
    let squared = 0;
    do {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      squared = x * x + y * y;
    } while (squared >= 1 || squared === 0);
    const scale = Math.sqrt((-2 * Math.log(squared)) / squared);
    kept = scale * x;
    return scale * y;
  };
}
