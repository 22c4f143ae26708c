import { takeRows } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { assign, squaredEuclidean } from "../../transport/index.ts";
import { type Batch, type Coupling, conditionOf, inOrder } from "./coupling.ts";

/**
 * `exactOT` inside each class: labels [batch] (the condition) say which x1 are of one class, and x0_i is matched among
 * those of label i. Every class then sees x0 as it was drawn, which plain transport would skew. Deterministic; x0 keeps
 * its order. Throws "shape" unless there is one label for each row, "numerical" for NaN.
 */
export function classwiseOT(): Coupling {
  return {
    name: "classwiseOT",
    pair(batch) {
      const labels = labelsOf(batch);
      const target = new Int32Array(labels.length);
      for (const rows of classes(labels)) {
        const members = { x0: takeRows(batch.x0, rows), x1: takeRows(batch.x1, rows) };
        const { columns } = assign(squaredEuclidean(members));
        rows.forEach((row, i) => {
          target[row] = rows[columns[i]!]!;
        });
      }
      return { source: inOrder(labels.length), target };
    },
  };
}

function labelsOf(batch: Batch): ArrayLike<number> & Iterable<number> {
  const labels = conditionOf("classwiseOT", batch);
  if (labels.shape.length !== 1 || labels.data.some((label: number) => Number.isNaN(label))) {
    throw new AdvectError(labels.shape.length === 1 ? "numerical" : "shape", "classwiseOT", {
      expected: "labels of shape [batch], none of them NaN",
      got: labels.shape.length === 1 ? "NaN" : labels.shape,
      fix: "Pass integer labels; use conditionalOT for conditions that are vectors.",
    });
  }
  return labels.data;
}

/** Rows of each label, in order of appearance. */
function classes(labels: Iterable<number>): Int32Array[] {
  const rows = new Map<number, number[]>();
  let row = 0;
  for (const label of labels) {
    const members = rows.get(label);
    if (members) members.push(row);
    else rows.set(label, [row]);
    row++;
  }
  return Array.from(rows.values(), (members) => Int32Array.from(members));
}
