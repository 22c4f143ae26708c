import {
  add,
  constant,
  div,
  less,
  maximum,
  mul,
  sub,
  type Tensor,
  where,
} from "../../engine/tensor/index.ts";
import { alongEvent, type VelocityField } from "../field/index.ts";
import { exchange, type Scheduler, slopeFloor, snr } from "./scheduler.ts";

export interface Rescheduling {
  /** The scheduler that the field was trained with. */
  readonly from: Scheduler;
  /** The one whose paths the new field follows. */
  readonly to: Scheduler;
}

/**
 * The field of the same data under another scheduler, without training: both paths pass the same mixtures of noise and
 * data, up to a factor. At the new time r let t be the time of `from` with the same alpha / sigma, and s the factor
 * alpha_r / alpha_t = sigma_r / sigma_t; then u_r(x) = (ds/s) x + dt s u_t(x / s) [lipman2024]. Here
 * s = (alpha_r + sigma_r) / (alpha_t + sigma_t) and dt = e_r / (s^2 e_t), with e = dAlpha sigma - dSigma alpha, so
 * nothing is 0 / 0 at r = 0 or r = 1; e_t is held above 1e-3, which bounds the speed where the old path stands still.
 * Where alpha_r / sigma_r is below what `from` starts with (vp), the old flow waits: t = 0, dt = 0. Start the new flow
 * at s x0, with the s of r = 0. Throws "shape".
 */
export function reschedule(field: VelocityField, { from, to }: Rescheduling): VelocityField {
  return (x, r) => {
    const { t, s, ds, dt } = timeChange(r, { from, to });
    const along = (values: Tensor) => alongEvent("reschedule", values, x);
    const velocity = field(div(x, along(s)), t);
    return add(mul(x, along(div(ds, s))), mul(velocity, along(mul(dt, s))));
  };
}

/** The old time t and the factor s at the new time r, and their derivatives by r; all of the shape of r. */
export interface TimeChange {
  readonly t: Tensor;
  readonly s: Tensor;
  readonly dt: Tensor;
  readonly ds: Tensor;
}

/** How `reschedule` moves: x at the new time r is s times the x of the old path at t. r: any shape, in [0, 1]. */
export function timeChange(r: Tensor, { from, to }: Rescheduling): TimeChange {
  const ratio = snr(to, r);
  const waits = less(ratio, snr(from, constant(0, r.dtype)));
  const t = from.snrInverse(ratio);
  const old = from.at(t);
  const now = to.at(r);
  const size = add(old.alpha, old.sigma);
  const s = div(add(now.alpha, now.sigma), size);
  const dt = where(waits, 0, div(exchange(now), mul(mul(s, s), maximum(exchange(old), slopeFloor))));
  const growth = mul(mul(s, add(old.dAlpha, old.dSigma)), dt);
  return { t, s, dt, ds: div(sub(add(now.dAlpha, now.dSigma), growth), size) };
}
