import { AdvectError } from "../../engine/error.ts";
import { curve } from "./curve.ts";
import { checkOption, type Distribution } from "./distribution.ts";

interface Noisy {
  /** Standard deviation of the noise, > 0. */
  readonly noise?: number;
}

/**
 * Two interleaved half circles of radius `size`, each with half of the mass: size (cos a, sin a) and
 * size (1 - cos a, 1/2 - sin a) with a uniform in [0, pi), shifted to have mean 0. Throws "option".
 */
export function twoMoons({ size = 2, noise = 0.15 }: Noisy & { readonly size?: number } = {}): Distribution {
  checkOption("twoMoons", "size", size);
  return curve({
    name: "two-moons",
    noise,
    at: (u) => {
      const [c, s] = [Math.cos(2 * Math.PI * (u % 0.5)), Math.sin(2 * Math.PI * (u % 0.5))];
      const [x, y] = u < 0.5 ? [c, s] : [1 - c, 0.5 - s];
      return [size * (x - 0.5), size * (y - 0.25)];
    },
  });
}

/** radius (cos a, sin a) with a uniform in [0, 2 pi). Throws "option". */
export function ring({ radius = 3, noise = 0.15 }: Noisy & { readonly radius?: number } = {}): Distribution {
  checkOption("ring", "radius", radius);
  return curve({
    name: "ring",
    noise,
    at: (u) => [radius * Math.cos(2 * Math.PI * u), radius * Math.sin(2 * Math.PI * u)],
  });
}

/**
 * `arms` spirals r (cos b, sin b), b = 2 pi (turns r / radius + k / arms), with (r / radius)^2 uniform: equally dense
 * along the arms but near the centre. Throws "option"; arms is an integer power of two up to 8.
 */
export function spiral({
  arms = 2,
  turns = 1.25,
  radius = 3.5,
  noise = 0.1,
}: Noisy & { readonly arms?: number; readonly turns?: number; readonly radius?: number } = {}): Distribution {
  checkOption("spiral", "radius", radius);
  checkOption("spiral", "turns", turns);
  if (![1, 2, 4, 8].includes(arms)) {
    throw new AdvectError("option", "spiral", { expected: "1, 2, 4 or 8 arms", got: arms });
  }
  return curve({
    name: "spiral",
    noise,
    at: (u) => {
      const r = Math.sqrt((u * arms) % 1);
      const angle = 2 * Math.PI * (turns * r + Math.floor(u * arms) / arms);
      return [radius * r * Math.cos(angle), radius * r * Math.sin(angle)];
    },
  });
}

/** radius a / (9/2 pi) (cos a, sin a) with a uniform in [3/2 pi, 9/2 pi). Throws "option". */
export function swissRoll({
  radius = 3.75,
  noise = 0.1,
}: Noisy & { readonly radius?: number } = {}): Distribution {
  checkOption("swissRoll", "radius", radius);
  return curve({
    name: "swiss-roll",
    noise,
    at: (u) => {
      const angle = 1.5 * Math.PI * (1 + 2 * u);
      const r = (radius * (1 + 2 * u)) / 3;
      return [r * Math.cos(angle), r * Math.sin(angle)];
    },
  });
}

/** size (sin a, sign(a) (cos a - 1)) with a uniform in [-3/2 pi, 3/2 pi). Throws "option". */
export function sCurve({ size = 1.75, noise = 0.1 }: Noisy & { readonly size?: number } = {}): Distribution {
  checkOption("sCurve", "size", size);
  return curve({
    name: "s-curve",
    noise,
    at: (u) => {
      const angle = 3 * Math.PI * (u - 0.5);
      return [size * Math.sin(angle), size * Math.sign(angle) * (Math.cos(angle) - 1)];
    },
  });
}
