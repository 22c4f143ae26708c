import { AdvectError } from "../../engine/error.ts";
import { filled, mul, opaque, sub, type Tensor, vjp } from "../../engine/tensor/index.ts";
import { alongEvent, type VelocityField } from "./velocity-field.ts";

export interface EnergyGuidance {
  /** Low where samples should go: (x [batch, ...event], t) -> [batch]. Samples must not mix. */
  readonly energy: (x: Tensor, t: Tensor) => Tensor;
  /** The factor of the gradient, or a function of t with its shape. `scoreWeight` of a scheduler tilts the data exactly. */
  readonly scale: number | ((t: Tensor) => Tensor);
}

/**
 * v(x, t) - scale(t) dE/dx: pulls samples downhill of an energy, by its exact gradient [dhariwal2021]. Throws "shape"
 * unless the energy is [batch], and "option" for a scale that is not finite.
 */
export function guideByEnergy(field: VelocityField, { energy, scale }: EnergyGuidance): VelocityField {
  if (typeof scale === "number" && !Number.isFinite(scale)) {
    throw new AdvectError("option", "guideByEnergy", { expected: "a finite scale", got: scale });
  }
  return (x, t) => {
    const factor = typeof scale === "number" ? scale : alongEvent("guideByEnergy", scale(t), x);
    const own = opaque(x);
    return sub(field(x, t), mul(slope(energy(own, t), own), factor));
  };
}

/** dE_i / dx_i for each sample i. */
function slope(energy: Tensor, x: Tensor): Tensor {
  if (energy.rank !== 1 || energy.shape[0] !== x.shape[0]) {
    throw new AdvectError("shape", "guideByEnergy", {
      expected: `an energy for each sample, [${x.shape[0]}]`,
      got: energy.shape,
      fix: "Sum it over the axes of the event, not over the batch.",
    });
  }
  return vjp({ outputs: [energy], cotangents: [filled(energy.shape, 1, energy.dtype)], wrt: [x] })[0]!;
}
