/**
 * A half-solved assignment of `rows` <= `columns`, with prices v of the columns. Between the phases it holds that
 * every matched row i has its column among the cheapest of c_ij - v_j, and that in a problem with more columns than
 * rows unmatched columns cost v_j = 0 and matched ones v_j <= 0. Prices only fall, so a matched row stays content.
 */
export interface Matching {
  readonly rows: number;
  readonly columns: number;
  /** [rows, columns], row-major. */
  readonly cost: Float64Array;
  readonly price: Float64Array;
  /** Column of each row, -1 where it has none. */
  readonly columnOf: Int32Array;
  /** Row of each column, -1 where it has none. */
  readonly rowOf: Int32Array;
}

export function matching({ rows, columns, cost }: Pick<Matching, "rows" | "columns" | "cost">): Matching {
  return {
    rows,
    columns,
    cost,
    price: new Float64Array(columns),
    columnOf: new Int32Array(rows).fill(-1),
    rowOf: new Int32Array(columns).fill(-1),
  };
}

export function unmatchedRows({ columnOf }: Matching): number[] {
  return Array.from(columnOf.keys()).filter((row) => columnOf[row] === -1);
}
