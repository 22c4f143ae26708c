import { ndarray } from "../array/nd-array.ts";
import { AdvectError } from "../error.ts";
import { vjp } from "./gradient.ts";
import { add, filled, mul } from "./ops/elementwise.ts";
import { expand, reshape } from "./ops/layout.ts";
import { slice } from "./ops/pieces.ts";
import { sum } from "./ops/reduce.ts";
import { sameShape } from "./shape.ts";
import { constant, isFloat, type Tensor } from "./tensor.ts";
import { origin } from "./views.ts";

/**
 * The divergence of a field per sample, sum over i of dv_i / dx_i: v, x [batch, ...event] -> [batch].
 * Exact for any event rank, by one vjp for each element of the event. v must be built from x, and samples must not mix.
 */
export function divergence(v: Tensor, x: Tensor): Tensor {
  checkField("divergence", v, x);
  const [batch, ...event] = x.shape as [number, ...number[]];
  const size = event.reduce((a, b) => a * b, 1);
  const diagonal = Array.from({ length: size }, (_, i) => {
    const unit = Float64Array.from({ length: size }, (_, j) => (i === j ? 1 : 0));
    const probe = expand(constant(ndarray(unit, event, "float64"), x.dtype), x.shape);
    return slice(reshape(pulledBack(v, x, probe), [batch, size]), { axis: 1, start: i, stop: i + 1 });
  });
  return reshape(
    diagonal.reduce((a, b) => add(a, b), filled([batch, 1], 0, x.dtype)),
    [batch],
  );
}

/**
 * Hutchinson's estimate of the divergence, the mean over probes of probeᵀ (dv/dx) probe [hutchinson1989]:
 * v, x [batch, ...event]; probes [count, batch, ...event], entries independent with mean 0 and variance 1 -> [batch].
 */
export function hutchinson(v: Tensor, x: Tensor, probes: Tensor): Tensor {
  checkField("hutchinson", v, x);
  if (!sameShape(probes.shape.slice(1), x.shape) || probes.shape[0] === 0 || probes.dtype !== x.dtype) {
    throw new AdvectError("shape", "hutchinson", {
      expected: `${x.dtype} probes of shape [count, ${x.shape}]`,
      got: `${probes.dtype} [${probes.shape}]`,
    });
  }
  const events = x.shape.map((_, axis) => axis).slice(1);
  const estimates = Array.from({ length: probes.shape[0]! }, (_, k) => {
    const probe = reshape(slice(probes, { axis: 0, start: k, stop: k + 1 }), x.shape);
    return sum(mul(pulledBack(v, x, probe), probe), { axes: events });
  });
  return mul(
    estimates.reduce((a, b) => add(a, b)),
    1 / estimates.length,
  );
}

/** (dv/dx)ᵀ probe. v was built from x alone, so that what x is a view of counts as x wherever v uses it. */
function pulledBack(v: Tensor, x: Tensor, probe: Tensor): Tensor {
  const { tensor, gradient } = origin(x);
  return gradient(vjp({ outputs: [v], cotangents: [probe], wrt: [tensor] })[0]!);
}

function checkField(where: string, v: Tensor, x: Tensor): void {
  if (sameShape(v.shape, x.shape) && x.rank >= 1 && v.dtype === x.dtype && isFloat(x)) return;
  throw new AdvectError("shape", where, {
    expected: `v and x both of one float type [batch, ...event]`,
    got: `v ${v.dtype} [${v.shape}] and x ${x.dtype} [${x.shape}]`,
  });
}
