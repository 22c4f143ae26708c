import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { type Convergence, type Plan, transportCost } from "../plan.ts";

/**
 * An entropic problem as its three block updates. The plan is P_ij = exp(f_i + g_j + s + k_ij); each update gets the
 * log of the mass that its row, column or all of the plan has without its own potential, and returns that potential.
 */
export interface Scaling {
  readonly rows: number;
  readonly columns: number;
  /** k, [rows, columns], row-major. */
  readonly logKernel: Float64Array;
  readonly rowUpdate: (logMass: number, row: number) => number;
  readonly columnUpdate: (logMass: number, column: number) => number;
  /** Without it s stays 0. */
  readonly totalUpdate?: (logMass: number) => number;
}

export interface StopOptions {
  /** Stop when an iteration moves no more mass than this; 1e-9 unless given. */
  readonly tolerance?: number;
  /** 10 000 unless given. */
  readonly maxIterations?: number;
}

export interface Potentials {
  readonly f: Float64Array;
  readonly g: Float64Array;
  s: number;
}

/** Repeats the updates of rows, columns and total, from `start` (0 unless given), until they stop moving mass. */
export function iterate(
  scaling: Scaling,
  { tolerance = 1e-9, maxIterations = 10_000 }: StopOptions,
  start?: Potentials,
): { potentials: Potentials; report: Convergence } {
  const { rows, columns } = scaling;
  const zero = { f: new Float64Array(rows), g: new Float64Array(columns), s: 0 };
  const potentials = structuredClone(start ?? zero);
  let error = Infinity;
  let iterations = 0;
  while (error > tolerance && iterations < maxIterations) {
    error = updateRows(scaling, potentials);
    error += updateColumns(scaling, potentials);
    error += updateTotal(scaling, potentials);
    iterations++;
  }
  return { potentials, report: { iterations, error, converged: error <= tolerance } };
}

function updateRows({ rows, columns, logKernel, rowUpdate }: Scaling, { f, g, s }: Potentials): number {
  let moved = 0;
  for (let i = 0; i < rows; i++) {
    const base = i * columns;
    let largest = -Infinity;
    for (let j = 0; j < columns; j++) largest = Math.max(largest, logKernel[base + j]! + g[j]!);
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += Math.exp(logKernel[base + j]! + g[j]! - largest);
    const logMass = s + (largest === -Infinity ? largest : largest + Math.log(sum));
    moved += replace(f, i, logMass, rowUpdate(logMass, i));
  }
  return moved;
}

/** As updateRows, with a running maximum and sum for every column, so that the kernel is read along its rows. */
function updateColumns({ rows, columns, logKernel, columnUpdate }: Scaling, { f, g, s }: Potentials): number {
  const largest = new Float64Array(columns).fill(-Infinity);
  const sums = new Float64Array(columns);
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, at++) largest[j] = Math.max(largest[j]!, logKernel[at]! + f[i]!);
  }
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, at++) {
      if (largest[j] !== -Infinity) sums[j] = sums[j]! + Math.exp(logKernel[at]! + f[i]! - largest[j]!);
    }
  }
  let moved = 0;
  for (let j = 0; j < columns; j++) {
    const logMass = s + largest[j]! + Math.log(sums[j]!);
    moved += replace(g, j, logMass, columnUpdate(logMass, j));
  }
  return moved;
}

function updateTotal(scaling: Scaling, potentials: Potentials): number {
  if (!scaling.totalUpdate) return 0;
  const logs = logPlan(scaling, { ...potentials, s: 0 });
  const largest = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  const logMass = largest + Math.log(logs.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  const before = Math.exp(logMass + potentials.s);
  potentials.s = scaling.totalUpdate(logMass);
  return Math.abs(Math.exp(logMass + potentials.s) - before);
}

/** Writes the new potential; returns the mass that it moves. */
function replace(potential: Float64Array, at: number, logMass: number, value: number): number {
  const before = Math.exp(logMass + potential[at]!);
  potential[at] = value;
  return Math.abs(Math.exp(logMass + value) - before);
}

function logPlan({ rows, columns, logKernel }: Scaling, { f, g, s }: Potentials): Float64Array {
  const logs = new Float64Array(logKernel.length);
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, at++) logs[at] = logKernel[at]! + f[i]! + g[j]! + s;
  }
  return logs;
}

/** Iterates and gathers the plan; duals are the potentials times epsilon. */
export function entropicPlan(
  scaling: Scaling,
  {
    cost,
    epsilon,
    start,
    ...stop
  }: StopOptions & {
    readonly cost: NdArray;
    readonly epsilon: number;
    readonly start?: Potentials;
  },
): Plan {
  const { potentials, report } = iterate(scaling, stop, start);
  const plan = ndarray(
    logPlan(scaling, potentials).map(Math.exp),
    [scaling.rows, scaling.columns],
    "float64",
  );
  const inCost = (value: number) => value * epsilon;
  return {
    plan,
    cost: transportCost(plan, cost),
    duals: { rows: potentials.f.map(inCost), columns: potentials.g.map(inCost) },
    report,
  };
}
