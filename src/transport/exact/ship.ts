import type { Network } from "./network.ts";

/** Shortest ways from one row: distances, the row a column was reached through, the column a row was reached through. */
interface Tree {
  readonly rowDistance: Float64Array;
  readonly columnDistance: Float64Array;
  readonly through: Int32Array;
  readonly from: Int32Array;
  /** 1 for columns whose distance is final. */
  readonly settled: Uint8Array;
}

/** Ships all supply along successive shortest paths; returns how many it took. */
export function ship(state: Network): number {
  let count = 0;
  for (let row = 0; row < state.rows; row++) {
    while (state.supply[row]! > state.negligible) {
      const tree = grow(state.rows, state.columns);
      const end = nearestDemand(state, tree, row);
      if (end === -1) break;
      reprice(state, tree, tree.columnDistance[end]!);
      send(state, tree, row, end);
      count++;
    }
  }
  return count;
}

function grow(rows: number, columns: number): Tree {
  return {
    rowDistance: new Float64Array(rows).fill(Infinity),
    columnDistance: new Float64Array(columns).fill(Infinity),
    through: new Int32Array(columns).fill(-1),
    from: new Int32Array(rows).fill(-1),
    settled: new Uint8Array(columns),
  };
}

/** Dijkstra over reduced costs; goods can also flow back from a column to the rows that ship to it, at no reduced cost. */
function nearestDemand(state: Network, tree: Tree, row: number): number {
  const { rows, columns, flow, demand, negligible } = state;
  tree.rowDistance[row] = 0;
  relax(state, tree, row);
  for (;;) {
    const column = nearest(tree);
    if (column === -1 || demand[column]! > negligible) return column;
    tree.settled[column] = 1;
    for (let i = 0; i < rows; i++) {
      if (flow[i * columns + column] === 0 || tree.rowDistance[i] !== Infinity) continue;
      tree.rowDistance[i] = tree.columnDistance[column]!;
      tree.from[i] = column;
      relax(state, tree, i);
    }
  }
}

function relax({ columns, cost, rowPrice, columnPrice }: Network, tree: Tree, row: number): void {
  const { columnDistance, through, settled } = tree;
  const offset = tree.rowDistance[row]! - rowPrice[row]!;
  for (let j = 0, at = row * columns; j < columns; j++, at++) {
    const distance = cost[at]! - columnPrice[j]! + offset;
    if (settled[j] === 1 || distance >= columnDistance[j]!) continue;
    columnDistance[j] = distance;
    through[j] = row;
  }
}

function nearest({ columnDistance, settled }: Tree): number {
  let best = -1;
  for (let j = 0, least = Infinity; j < settled.length; j++) {
    if (settled[j] === 1 || columnDistance[j]! >= least) continue;
    least = columnDistance[j]!;
    best = j;
  }
  return best;
}

/** Keeps reduced costs >= 0, and makes them 0 along the tree up to distance `end`. */
function reprice({ rowPrice, columnPrice }: Network, tree: Tree, end: number): void {
  tree.rowDistance.forEach((distance, i) => {
    if (distance < end) rowPrice[i] = rowPrice[i]! + (end - distance);
  });
  tree.columnDistance.forEach((distance, j) => {
    if (tree.settled[j] === 1) columnPrice[j] = columnPrice[j]! - (end - distance);
  });
}

/** As much as the row has, the end wants and the ways back carry. */
function send({ columns, flow, supply, demand }: Network, tree: Tree, row: number, end: number): void {
  const path: { out: number; back: number }[] = [];
  for (let column = end; column !== -1; ) {
    const i = tree.through[column]!;
    const from = tree.from[i]!;
    path.push({ out: i * columns + column, back: from === -1 ? -1 : i * columns + from });
    column = from;
  }
  const returns = path.filter(({ back }) => back !== -1).map(({ back }) => flow[back]!);
  const amount = Math.min(supply[row]!, demand[end]!, ...returns);
  for (const { out, back } of path) {
    flow[out] = flow[out]! + amount;
    if (back !== -1) flow[back] = flow[back]! - amount;
  }
  supply[row] = supply[row]! - amount;
  demand[end] = demand[end]! - amount;
}
