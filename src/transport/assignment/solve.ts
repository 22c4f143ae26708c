import { kernelOf } from "../kernel.ts";
import { wasm } from "./kernel.wasm.ts";

/** The cost [rows, columns], row-major and finite, rows <= columns. */
export interface Problem {
  readonly rows: number;
  readonly columns: number;
  readonly cost: Float64Array;
}

export interface Matching {
  /** Column of each row. */
  readonly columnOf: Int32Array;
  /** Row of each column, -1 where it has none. */
  readonly rowOf: Int32Array;
  /** v_j of each column. */
  readonly price: Float64Array;
}

/** The exports of kernel.as.ts. */
interface Kernel {
  reduceColumns(...pointersAndSizes: number[]): void;
  reduceRows(...pointersAndSizes: number[]): number;
  augment(...pointersAndSizes: number[]): void;
}

const kernelWith = kernelOf<Kernel>(wasm);

/**
 * Linear assignment after [jonker1987]: cheap reductions match most rows, shortest augmenting paths
 * the rest. Time O(rows^2 columns) at worst, deterministic.
 */
export function solveAssignment(problem: Problem): Matching {
  const { rows, columns } = problem;
  const { kernel, at, width, free, columnOf, rowOf, price } = load(problem);
  if (rows === columns) {
    kernel.reduceColumns(at.cost, at.price, at.open, at.columnOf, at.rowOf, columns, width);
  }
  let count = fillUnmatched(free, columnOf);
  for (let round = 0; round < 2 && count > 0; round++) {
    const { cost, price, columnOf, rowOf, free, done } = at;
    count = kernel.reduceRows(cost, price, columnOf, rowOf, free, done, count, rows, columns, width);
  }
  const { cost, masked, open, previous, distance, done } = at;
  for (let i = count - 1; i >= 0; i--) {
    const vectors = [cost, at.price, masked, open, previous, distance, done, at.columnOf, at.rowOf];
    kernel.augment(...vectors, free[i]!, width);
  }
  return { columnOf: columnOf.slice(), rowOf: rowOf.slice(0, columns), price: price.slice(0, columns) };
}

/** The unmatched rows, the first of them last; how many there are. */
function fillUnmatched(free: Int32Array, columnOf: Int32Array): number {
  let count = 0;
  for (let row = columnOf.length - 1; row >= 0; row--) if (columnOf[row] === -1) free[count++] = row;
  return count;
}

/** Copies the problem to where the kernel reads it. */
function load({ rows, columns, cost }: Problem) {
  const width = Math.ceil(columns / 4) * 4;
  const vectors = ["price", "masked", "open", "previous", "distance", "done", "rowOf"] as const;
  const places = [...vectors, "columnOf", "free", "cost"] as const;
  const at = Object.fromEntries(places.map((name, i) => [name, 8 * width * i])) as Record<
    (typeof places)[number],
    number
  >;
  const { memory, kernel } = kernelWith(at.cost + 8 * width * rows);
  const costs = new Float64Array(memory.buffer, at.cost, width * rows);
  if (width === columns) costs.set(cost);
  else {
    costs.fill(Infinity);
    for (let i = 0; i < rows; i++) costs.set(cost.subarray(i * columns, (i + 1) * columns), i * width);
  }
  return {
    kernel,
    at,
    width,
    free: new Int32Array(memory.buffer, at.free, rows),
    columnOf: new Int32Array(memory.buffer, at.columnOf, rows).fill(-1),
    rowOf: new Int32Array(memory.buffer, at.rowOf, width).fill(-1),
    price: new Float64Array(memory.buffer, at.price, width).fill(0),
  };
}
