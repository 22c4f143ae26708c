import { AdvectError } from "../error.ts";
import { add, filled } from "./ops/elementwise.ts";
import { concat } from "./ops/pieces.ts";
import { rules } from "./rules.ts";
import { sameShape } from "./shape.ts";
import { input, is, isConstant, isFloat, type Tensor } from "./tensor.ts";
import { leaves, mapTree, withLeaves } from "./tree.ts";
import { type Anchor, checkSeen, itself, opaque, origin, viewed } from "./views.ts";

export interface PullbackRequest {
  readonly outputs: readonly Tensor[];
  /** One for each output, of its shape. */
  readonly cotangents: readonly Tensor[];
  /** Inputs, or what the outputs were built from. */
  readonly wrt: readonly Tensor[];
}

/**
 * Reverse mode: for each x in wrt, sum over outputs y of (dy/dx)ᵀ cotangent; zeros where y does not depend on x.
 * Throws "unsupported" where simplification may have seen through x, as reshape(reshape(x)) does: see opaque.
 */
export function vjp({ outputs, cotangents, wrt }: PullbackRequest): Tensor[] {
  outputs.forEach((output, i) => checkMatch("vjp", output, cotangents[i]));
  const anchors = anchored(outputs, wrt);
  const gradients = pulled({ outputs, cotangents, wrt: anchors.map(({ tensor }) => tensor) });
  return anchors.map(({ gradient }, i) => gradient(gradients[i]!));
}

/** What to differentiate with respect to: x, or what x is a view of if that is all that the outputs know of it. */
function anchored(outputs: readonly Tensor[], wrt: readonly Tensor[]): Anchor[] {
  if (!wrt.some((x) => viewed(x) ?? isConstant(x))) return wrt.map(itself);
  const reached = new Set(ancestors(outputs));
  const anchors = wrt.map((x) => (reached.has(x) ? itself(x) : origin(x)));
  checkSeen(
    "vjp",
    outputs,
    anchors.map(({ tensor }) => tensor),
  );
  return anchors;
}

function pulled({ outputs, cotangents, wrt }: PullbackRequest): Tensor[] {
  const order = between(outputs, wrt);
  const contributions = new Map<Tensor, Tensor[]>();
  outputs.forEach((output, i) => give(contributions, output, cotangents[i]!));
  const totals = new Map<Tensor, Tensor>();
  for (const y of order) {
    const parts = contributions.get(y);
    if (!parts) continue;
    const g = accumulate(parts);
    totals.set(y, g);
    const pullbacks = rules[y.op](y as never, g, ...(y.inputs as unknown as [Tensor, Tensor, Tensor]));
    y.inputs.forEach((x, i) => {
      const pullback = order.has(x) ? pullbacks[i] : null;
      if (pullback) give(contributions, x, pullback());
    });
  }
  return wrt.map((x) => totals.get(x) ?? filled(x.shape, 0, x.dtype));
}

/** Throws "shape" unless g has the type of x. */
function checkMatch(where: string, x: Tensor, g: Tensor | undefined): void {
  if (g && sameShape(g.shape, x.shape) && g.dtype === x.dtype) return;
  throw new AdvectError("shape", where, {
    expected: `${x.dtype} of shape [${x.shape}]`,
    got: g ? `${g.dtype} [${g.shape}]` : "none",
    fix: `Give one ${where === "vjp" ? "cotangent for each output" : "tangent for each x in wrt"}, of its type.`,
  });
}

/** The float tensors on a way from wrt to the outputs, latest first. */
function between(outputs: readonly Tensor[], wrt: readonly Tensor[]): Set<Tensor> {
  const reached = ancestors(outputs);
  const depends = new Set<Tensor>(wrt.filter(isFloat));
  for (const tensor of reached)
    if (tensor.inputs.some((x) => depends.has(x)) && isFloat(tensor)) depends.add(tensor);
  return new Set(reached.filter((tensor) => depends.has(tensor)).reverse());
}

/** Everything the tensors were built from, themselves included, in topological order. */
export function ancestors(tensors: readonly Tensor[]): Tensor[] {
  const seen = new Set<Tensor>();
  const stack = [...tensors];
  for (let tensor = stack.pop(); tensor; tensor = stack.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    stack.push(...tensor.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

function give(contributions: Map<Tensor, Tensor[]>, to: Tensor, g: Tensor): void {
  const list = contributions.get(to);
  if (list) list.push(g);
  else contributions.set(to, [g]);
}

/** The sum of the parts; slices that were cut apart are joined again instead of padded and added. */
function accumulate(parts: readonly Tensor[]): Tensor {
  return parts[0]!.shape.reduce(join, parts).reduce((total, part) => add(total, part));
}

/** `parts`, with those that are zero outside neighbouring ranges of `axis` replaced by their concat if they tile it. */
function join(parts: readonly Tensor[], length: number, axis: number): readonly Tensor[] {
  if (parts.length < 2) return parts;
  const pieces = parts.filter((part) => is("pad", part) && padsOnly(part, axis)) as Tensor<"pad">[];
  pieces.sort((a, b) => a.attributes.before[axis]! - b.attributes.before[axis]!);
  let end = 0;
  for (const { attributes, inputs } of pieces) {
    if (attributes.before[axis] !== end) return parts;
    end += inputs[0]!.shape[axis]!;
  }
  if (end !== length || pieces.length < 2) return parts;
  const whole = concat(
    pieces.map((piece) => piece.inputs[0]!),
    axis,
  );
  return [...parts.filter((part) => !pieces.includes(part as Tensor<"pad">)), whole];
}

/** Whether zeros were put before or after, on this axis only. */
function padsOnly({ attributes: { before, after, interior } }: Tensor<"pad">, axis: number): boolean {
  return interior.every((n) => n === 0) && before.every((n, i) => n + after[i]! > 0 === (i === axis));
}

/** The gradient of a scalar with respect to a tree of tensors: d loss / d x, of the shape of each x. Throws "shape" unless loss is a scalar. */
export function grad<T>(loss: Tensor, wrt: T): T {
  if (loss.size !== 1 || !isFloat(loss)) {
    throw new AdvectError("shape", "grad", {
      expected: "a scalar float loss",
      got: `${loss.dtype} [${loss.shape}]`,
      fix: "Reduce it with sum or mean, or use vjp.",
    });
  }
  const gradients = vjp({
    outputs: [loss],
    cotangents: [filled(loss.shape, 1, loss.dtype)],
    wrt: leaves(wrt),
  });
  return withLeaves(wrt, gradients) as T;
}

/** (x, ...rest) => { value, gradient } of a scalar function with respect to its first argument. */
export function valueAndGrad<T, Rest extends readonly unknown[]>(fn: (x: T, ...rest: Rest) => Tensor) {
  return (x: T, ...rest: Rest): { value: Tensor; gradient: T } => {
    const own = mapTree(x, opaque) as T;
    const value = fn(own, ...rest);
    return { value, gradient: grad(value, own) };
  };
}

export interface PushforwardRequest {
  readonly outputs: readonly Tensor[];
  readonly wrt: readonly Tensor[];
  /** One for each x in wrt, of its shape. */
  readonly tangents: readonly Tensor[];
}

/** Forward mode: for each output y, sum over x in wrt of (dy/dx) tangent; as the vjp of a vjp, which is linear in its cotangent. */
export function jvp({ outputs, wrt, tangents }: PushforwardRequest): Tensor[] {
  wrt.forEach((x, i) => checkMatch("jvp", x, tangents[i]));
  const cotangents = outputs.map((output) => input("cotangent", output));
  const pulled = vjp({ outputs, cotangents, wrt });
  return vjp({ outputs: pulled, cotangents: tangents, wrt: cotangents });
}
