import { AdvectError } from "../../engine/error.ts";
import { add, mul, sameShape, type Tensor } from "../../engine/tensor/index.ts";
import { alongEvent } from "../field/index.ts";
import type { Coefficients, Scheduler } from "./scheduler.ts";

/** Where to look at a path: x0, x1 [batch, ...event]; t [batch] or [batch, tokens] in [0, 1]. */
export interface PathDraw {
  readonly x0: Tensor;
  readonly x1: Tensor;
  readonly t: Tensor;
}

/** The draw, the point xt of the path at t, and the velocity dx/dt there; both of the shape of x1. */
export interface PathSample extends PathDraw {
  readonly xt: Tensor;
  readonly velocity: Tensor;
}

/** A curve from x0 at t = 0 to x1 at t = 1 for each pair; what a field regresses on. */
export interface Path {
  readonly name: string;
  sample(draw: PathDraw): PathSample;
}

/**
 * xt = alpha x1 + sigma x0 and its time derivative, velocity = dAlpha x1 + dSigma x0 [lipman2023]. Throws "shape" for
 * x0 and x1 of different shapes, or a t that is neither [batch] nor [batch, tokens].
 */
export function affine(scheduler: Scheduler): Path {
  return {
    name: `affine(${scheduler.name})`,
    sample: ({ x0, x1, t }) => {
      if (!sameShape(x0.shape, x1.shape)) {
        throw new AdvectError("shape", "path.sample", {
          expected: `x0 of the shape of x1, [${x1.shape}]`,
          got: x0.shape,
        });
      }
      const { alpha, sigma, dAlpha, dSigma } = coefficientsAt("path.sample", scheduler, { x: x1, t });
      const xt = add(mul(x1, alpha), mul(x0, sigma));
      return { x0, x1, t, xt, velocity: add(mul(x1, dAlpha), mul(x0, dSigma)) };
    },
  };
}

/** The coefficients at t, in shapes that broadcast against x. Throws "shape" in the name of `where`. */
export function coefficientsAt(
  where: string,
  scheduler: Scheduler,
  { x, t }: { readonly x: Tensor; readonly t: Tensor },
): Coefficients {
  return scheduler.at(alongEvent(where, t, x));
}
