/**
 * A transport problem under way: what has been shipped, what is left, and prices with c_ij - u_i - v_j >= 0
 * everywhere and = 0 where flow_ij > 0, so that the shipments so far are optimal for the amounts they move.
 */
export interface Network {
  readonly rows: number;
  readonly columns: number;
  /** [rows, columns], row-major, as is `flow`. */
  readonly cost: Float64Array;
  readonly flow: Float64Array;
  readonly supply: Float64Array;
  readonly demand: Float64Array;
  readonly rowPrice: Float64Array;
  readonly columnPrice: Float64Array;
  /** Supplies and demands up to this count as nothing. */
  readonly negligible: number;
}

export function network(problem: Pick<Network, "cost" | "supply" | "demand">): Network {
  const { cost, supply, demand } = problem;
  const columns = demand.length;
  const lowest = (_: number, i: number) => cost.subarray(i * columns, (i + 1) * columns).reduce(smaller);
  return {
    rows: supply.length,
    columns,
    cost,
    flow: new Float64Array(cost.length),
    supply: Float64Array.from(supply),
    demand: Float64Array.from(demand),
    rowPrice: new Float64Array(supply.length).map(lowest),
    columnPrice: new Float64Array(columns),
    negligible: 1e-15 * supply.reduce((sum, value) => sum + value, 0),
  };
}

const smaller = (a: number, b: number): number => Math.min(a, b);
