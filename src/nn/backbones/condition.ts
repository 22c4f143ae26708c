import { AdvectError } from "../../engine/error.ts";
import { isFloat, type Tensor } from "../../engine/tensor/index.ts";

/**
 * What a model is told besides x and t: nothing, a float vector [batch, size], int32 labels [batch] (the label `classes`
 * means "none", for guidance), or both.
 */
export type Condition =
  // biome-ignore lint/suspicious/noConfusingVoidType: lets an unconditional model be called without the argument
  void | Tensor | { readonly vector?: Tensor; readonly labels?: Tensor };

export interface ConditionSizes {
  /** Of the condition vector; 0, for none, unless given. */
  readonly conditionSize?: number;
  /** Number of class labels; 0, for none, unless given. */
  readonly classes?: number;
}

export interface Conditions {
  readonly vector?: Tensor;
  readonly labels?: Tensor;
}

/** The parts of a condition. Throws "shape" or "option" unless they are exactly those the model was built for. */
export function conditionsOf(
  where: string,
  condition: Condition,
  { conditionSize = 0, classes = 0, x }: ConditionSizes & { readonly x: Tensor },
): Conditions {
  const { vector, labels } = partsOf(condition);
  const batch = x.shape[0]!;
  checkPart(where, "a condition vector", {
    part: vector,
    shape: conditionSize > 0 ? [batch, conditionSize] : undefined,
  });
  checkPart(where, "int32 labels", { part: labels, shape: classes > 0 ? [batch] : undefined });
  return { ...(vector && { vector }), ...(labels && { labels }) };
}

function partsOf(condition: Condition): Conditions {
  if (!condition) return {};
  if (!("op" in condition)) return condition;
  return isFloat(condition) ? { vector: condition } : { labels: condition };
}

function checkPart(
  where: string,
  what: string,
  { part, shape }: { part: Tensor | undefined; shape: readonly number[] | undefined },
): void {
  if (!part && !shape) return;
  if (
    part &&
    shape &&
    part.rank === shape.length &&
    shape.every((length, axis) => part.shape[axis] === length)
  )
    return;
  throw new AdvectError(part && shape ? "shape" : "option", where, {
    expected: shape ? `${what} of shape [${shape}]` : `no ${what.replace("a ", "")}, as the model was built`,
    got: part ? part.shape : "none",
  });
}
