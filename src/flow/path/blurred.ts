import { AdvectError } from "../../engine/error.ts";
import { add, filled, minimum, mul, recip, sub } from "../../engine/tensor/index.ts";
import type { Scheduler } from "./scheduler.ts";

/**
 * alpha = t, sigma = 1 - (1 - sigmaMin) t: straight lines to data blurred by sigmaMin, for standard normal x0, with
 * velocity x1 - (1 - sigmaMin) x0 [lipman2023, Eq. 20-23]. sigmaMin = 0 is condOT. Throws "option" unless
 * 0 <= sigmaMin < 1.
 */
export function blurredCondOT({ sigmaMin }: { readonly sigmaMin: number }): Scheduler {
  if (!(sigmaMin >= 0 && sigmaMin < 1)) {
    throw new AdvectError("option", "blurredCondOT", {
      expected: "0 <= sigmaMin < 1",
      got: sigmaMin,
      fix: "1e-4 or so; it is a deviation in the units of the data.",
    });
  }
  const loss = 1 - sigmaMin;
  return {
    name: `blurredCondOT(${sigmaMin})`,
    at: (t) => ({
      alpha: t,
      sigma: sub(1, mul(t, loss)),
      dAlpha: filled(t.shape, 1, t.dtype),
      dSigma: filled(t.shape, -loss, t.dtype),
    }),
    snrInverse: (snr) => minimum(recip(add(recip(snr), loss)), 1),
  };
}
