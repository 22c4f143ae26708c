import { AdvectError } from "../../engine/error.ts";
import { integers, normal } from "../../engine/random/index.ts";
import { checkOption, type Distribution } from "./distribution.ts";

export interface PinwheelOptions {
  /** An integer >= 1. */
  readonly arms?: number;
  readonly radius?: number;
  /** Of the distance from the centre, relative to `radius`. */
  readonly radialStd?: number;
  /** Across an arm, relative to `radius`. */
  readonly tangentialStd?: number;
  /** How far arms are swept: they turn by rate exp(r / radius) radians at distance r. */
  readonly rate?: number;
}

/**
 * Bent arms [johnson2016]: (1 + radialStd z1, tangentialStd z2) turned by 2 pi k / arms + rate exp(1 + radialStd z1),
 * times `radius`, with k a random arm and z from N(0, I). Throws "option".
 */
export function pinwheel({
  arms = 5,
  radius = 2,
  radialStd = 0.3,
  tangentialStd = 0.1,
  rate = 0.25,
}: PinwheelOptions = {}): Distribution {
  for (const [name, value] of Object.entries({ radius, radialStd, tangentialStd })) {
    checkOption("pinwheel", name, value);
  }
  if (!Number.isSafeInteger(arms) || arms < 1 || !Number.isFinite(rate)) {
    throw new AdvectError("option", "pinwheel", {
      expected: "an integer number of arms >= 1 and a finite rate",
      got: `arms ${arms}, rate ${rate}`,
    });
  }
  return {
    name: "pinwheel",
    sample: (key, count) => {
      const arm = integers(key.fold("arm"), [count], { high: arms }).data;
      const samples = normal(key.fold("noise"), [count, 2]);
      for (let i = 0; i < count; i++) {
        const r = 1 + radialStd * samples.data[2 * i]!;
        const across = tangentialStd * samples.data[2 * i + 1]!;
        const angle = (2 * Math.PI * arm[i]!) / arms + rate * Math.exp(r);
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        samples.data[2 * i] = radius * (c * r - s * across);
        samples.data[2 * i + 1] = radius * (s * r + c * across);
      }
      return samples;
    },
  };
}
