import { AdvectError } from "../error.ts";
import { div, neg } from "./ops/elementwise.ts";
import { reshape, transpose } from "./ops/layout.ts";
import { is, isConstant, node, type Tensor, uniformValue } from "./tensor.ts";

/**
 * What x is a view of, for the operations that later ones see through: reshape(reshape(y)) is made a reshape of y, and
 * mul(mul(y, 2), 3) is mul(y, 6). None of them leaves a trace of the x between.
 */
export function viewed(x: Tensor): Tensor | undefined {
  const scaled = is("mul", x) && x.inputs[1]!.rank === 0 && isConstant(x.inputs[1]!);
  const seen = scaled || ["reshape", "transpose", "neg", "expand", "slice"].includes(x.op);
  return seen ? x.inputs[0] : undefined;
}

/**
 * x under a name of its own, which simplification does not see through: for a view or a constant with respect to which
 * something will be differentiated. Costs nothing when the graph runs.
 */
export function opaque(x: Tensor): Tensor {
  return viewed(x) || isConstant(x) ? node("opaque", [x], {}, x) : x;
}

/** A tensor with as many elements as x, and what a gradient with respect to it is with respect to x. */
export interface Anchor {
  readonly tensor: Tensor;
  readonly gradient: (g: Tensor) => Tensor;
}

export const itself = (x: Tensor): Anchor => ({ tensor: x, gradient: (g) => g });

/** The tensor that x only presents in another order, shape or scale. Whatever sees through x, sees this or what it makes of it. */
export function origin(x: Tensor): Anchor {
  const inverse = inverseAdjoint(x);
  if (!inverse) return itself(x);
  const { tensor, gradient } = origin(x.inputs[0]!);
  return { tensor, gradient: (g) => inverse(gradient(g)) };
}

/** For an invertible view x = A y: dL/dy -> dL/dx, by the inverse of Aᵀ. */
function inverseAdjoint(x: Tensor): ((g: Tensor) => Tensor) | undefined {
  if (is("reshape", x)) return (g) => reshape(g, x.shape);
  if (is("transpose", x)) return (g) => transpose(g, x.attributes.permutation);
  if (is("neg", x)) return neg;
  const scale = is("mul", x) && viewed(x) ? uniformValue(x.inputs[1]!) : undefined;
  return scale ? (g) => div(g, scale) : undefined;
}

/** Throws "unsupported" where the outputs may have been made from x without a trace of it in their graph. */
export function checkSeen(where: string, outputs: readonly Tensor[], wrt: readonly Tensor[]): void {
  const around = reachedAround(outputs, new Set(wrt));
  const wrong = wrt.find((x) => isHidden(x, around));
  if (!wrong) return;
  const from = isConstant(wrong) ? "a constant" : `a ${wrong.op} of a tensor that the outputs also use`;
  throw new AdvectError("unsupported", where, {
    expected: "each x in wrt to be an input, or something computed that simplification keeps",
    got: `${from}, of shape [${wrong.shape}]`,
    fix: "Put opaque(x) in its place before anything is built from it.",
  });
}

/** What the outputs were built from, without what is only behind `barrier`. */
function reachedAround(outputs: readonly Tensor[], barrier: ReadonlySet<Tensor>): ReadonlySet<Tensor> {
  const seen = new Set<Tensor>();
  const stack = [...outputs];
  for (let tensor = stack.pop(); tensor; tensor = stack.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    if (!barrier.has(tensor)) stack.push(...tensor.inputs);
  }
  return seen;
}

/** Whether something in the graph could be an operation on x that saw through it. */
function isHidden(x: Tensor, around: ReadonlySet<Tensor>): boolean {
  const source = viewed(x);
  if (!source) return isConstant(x);
  if (is("slice", x))
    return [...around].some((other) => other !== x && is("slice", other) && isWithin(other, x));
  return around.has(source) || isHidden(source, around);
}

/** Whether the part could be a slice of the whole, both slices of the same tensor. */
function isWithin(part: Tensor<"slice">, whole: Tensor<"slice">): boolean {
  if (part.inputs[0] !== whole.inputs[0]) return false;
  return part.shape.every((length, axis) => {
    const first = part.attributes.starts[axis]! - whole.attributes.starts[axis]!;
    const last = first + (length - 1) * part.attributes.steps[axis]!;
    const step = whole.attributes.steps[axis]!;
    return length === 0 || (first >= 0 && first % step === 0 && last <= (whole.shape[axis]! - 1) * step);
  });
}
