import { AdvectError } from "../error.ts";
import { add, filled } from "./ops/elementwise.ts";
import { concat } from "./ops/layout.ts";
import { rules } from "./rules.ts";
import { sameShape } from "./shape.ts";
import { input, is, isFloat, type Tensor } from "./tensor.ts";
import { leaves, withLeaves } from "./tree.ts";

export interface PullbackRequest {
  readonly outputs: readonly Tensor[];
  /** One for each output, of its shape. */
  readonly cotangents: readonly Tensor[];
  /** Any tensors the outputs were built from, intermediate ones included. */
  readonly wrt: readonly Tensor[];
}

/** Reverse mode: for each x in wrt, sum over outputs y of (dy/dx)ᵀ cotangent; zeros where y does not depend on x. */
export function vjp({ outputs, cotangents, wrt }: PullbackRequest): Tensor[] {
  outputs.forEach((output, i) => checkCotangent(output, cotangents[i]));
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

function checkCotangent(output: Tensor, cotangent: Tensor | undefined): void {
  if (cotangent && sameShape(cotangent.shape, output.shape)) return;
  throw new AdvectError("shape", "vjp", {
    expected: `a cotangent of shape [${output.shape}] for each output`,
    got: cotangent ? cotangent.shape : "none",
  });
}

/** The float tensors on a way from wrt to the outputs, latest first. */
function between(outputs: readonly Tensor[], wrt: readonly Tensor[]): Set<Tensor> {
  const reached = ancestors(outputs);
  const depends = new Set<Tensor>(wrt);
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
  const joined = join(parts) ?? parts;
  return joined.reduce((total, part) => add(total, part));
}

/** Parts that are zero outside disjoint neighbouring ranges of one axis, as a concat; undefined unless they tile it. */
function join(parts: readonly Tensor[]): Tensor[] | undefined {
  const pads = parts.filter((part): part is Tensor<"pad"> => is("pad", part) && paddedAxis(part) >= 0);
  if (pads.length < 2) return undefined;
  const axis = paddedAxis(pads[0]!);
  const pieces = pads
    .filter((part) => paddedAxis(part) === axis)
    .sort((a, b) => start(a, axis) - start(b, axis));
  let end = 0;
  for (const piece of pieces) {
    if (start(piece, axis) !== end) return undefined;
    end += piece.inputs[0]!.shape[axis]!;
  }
  if (end !== pads[0]!.shape[axis]) return undefined;
  const whole = concat(
    pieces.map((piece) => piece.inputs[0]!),
    axis,
  );
  return [...parts.filter((part) => !pieces.includes(part as Tensor<"pad">)), whole];
}

const start = (part: Tensor<"pad">, axis: number) => part.attributes.before[axis]!;

/** The only axis on which zeros were put around, or -1. */
function paddedAxis({ attributes: { before, after, interior } }: Tensor<"pad">): number {
  const touched = before.flatMap((n, axis) => (n + after[axis]! > 0 ? [axis] : []));
  return touched.length === 1 && interior.every((n) => n === 0) ? touched[0]! : -1;
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
    const value = fn(x, ...rest);
    return { value, gradient: grad(value, x) };
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
  const cotangents = outputs.map((output) => input("cotangent", output));
  const pulled = vjp({ outputs, cotangents, wrt });
  return vjp({ outputs: pulled, cotangents: tangents, wrt: cotangents });
}
