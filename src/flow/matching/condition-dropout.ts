import { AdvectError } from "../../engine/error.ts";
import { type Draw, isFloat, less, reshape, type Tensor, where } from "../../engine/tensor/index.ts";
import { checkOptions } from "./pairs.ts";

export interface Dropout {
  /** The share of rows that lose their condition, in [0, 1); 0.1 is usual. */
  readonly rate: number;
  readonly draw: Draw;
}

/**
 * Labels, each replaced by `classes` (the label that means "none") with probability `rate`, so that one network learns
 * the conditional and the unconditional field and `guide` can combine them [ho2022]. labels: int32 [batch]; draws
 * "label dropout". Throws "option", "shape".
 */
export function dropLabels(
  labels: Tensor,
  { classes, rate, draw }: Dropout & { readonly classes: number },
): Tensor {
  checkOptions("dropLabels", {
    rate: [rate, rate >= 0 && rate < 1, "in [0, 1)"],
    classes: [classes, Number.isSafeInteger(classes) && classes >= 1, "to be a whole number >= 1"],
  });
  checkRows("dropLabels", labels, labels.dtype === "int32" && labels.rank === 1);
  return where(less(draw.uniform("label dropout", labels.shape), rate), classes, labels);
}

/** The same for vectors [batch, ...]: whole rows become 0. Draws "vector dropout". Throws "option", "shape". */
export function dropVectors(vectors: Tensor, { rate, draw }: Dropout): Tensor {
  checkOptions("dropVectors", { rate: [rate, rate >= 0 && rate < 1, "in [0, 1)"] });
  checkRows("dropVectors", vectors, isFloat(vectors) && vectors.rank >= 1);
  const batch = vectors.shape[0]!;
  const gone = less(draw.uniform("vector dropout", [batch]), rate);
  return where(reshape(gone, [batch, ...vectors.shape.slice(1).map(() => 1)]), 0, vectors);
}

function checkRows(where: string, { dtype, shape }: Tensor, valid: boolean): void {
  if (valid) return;
  throw new AdvectError("shape", where, {
    expected:
      where === "dropLabels" ? "int32 labels of shape [batch]" : "float vectors of shape [batch, ...]",
    got: `${dtype} [${shape}]`,
  });
}
