import { ndarray, type Shape } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { add, constant, type Draw, floor, mul, sub, type Tensor } from "../../engine/tensor/index.ts";
import type { TimeSampler } from "./time-sampler.ts";

/**
 * The same distribution with less noise in the mean over the batch: of n samples each has its own n-th of the uniform
 * numbers behind t, t_i from (i + u_i) / n. With [batch, tokens] this holds for every token; the strata of different
 * tokens are rotated against each other, so that the tokens of one sample do not share theirs. For samplers from uniform
 * draws: one that asks for normal draws throws "unsupported".
 */
export function stratified(sampler: TimeSampler): TimeSampler {
  return {
    ...sampler,
    name: `stratified ${sampler.name}`,
    sample: (draw, shape) => sampler.sample(stratifiedDraw(draw, sampler.name), shape),
  };
}

function stratifiedDraw(draw: Draw, name: string): Draw {
  return {
    ...draw,
    uniform: (time, shape) => strata(draw.fold(time), shape),
    normal: () => {
      throw new AdvectError("unsupported", "stratified", {
        expected: "a sampler that maps uniform draws",
        got: name,
        fix: "Stratify uniformTime, betaTime, modeTime or cosmapTime.",
      });
    },
  };
}

/** (k + u) / n with k = (i + r) mod n for sample i and a random whole number r for each token. */
function strata(draw: Draw, shape: Shape): Tensor {
  const [batch, ...tokens] = shape;
  if (batch === undefined) {
    throw new AdvectError("shape", "stratified", {
      expected: "times of shape [batch] or [batch, tokens]",
      got: shape,
    });
  }
  const places = ndarray(
    Float32Array.from({ length: batch }, (_, i) => i),
    [batch, ...tokens.map(() => 1)],
  );
  const shift = floor(mul(draw.uniform("shift", [1, ...tokens]), batch));
  const place = add(constant(places), shift);
  const wrapped = sub(place, mul(floor(mul(add(place, 0.5), 1 / batch)), batch));
  return mul(add(wrapped, draw.uniform("within", shape)), 1 / batch);
}
