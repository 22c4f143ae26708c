import { checkBalanced } from "../mass.ts";
import type { Plan } from "../plan.ts";
import { type EntropicProblem, prepared } from "./problem.ts";
import { entropicPlan, iterate, type Potentials, type Scaling } from "./scaling.ts";

/**
 * The plan with margins a and b that minimises sum P c + epsilon sum P (log P - 1), by alternately fitting rows and
 * columns in the log domain [cuturi2013]: f_i = log a_i - log sum_j exp(g_j - c_ij / epsilon), and likewise g.
 * Small epsilon cannot underflow. Throws "shape", "numerical", "option"; running out of iterations is reported.
 */
export function sinkhorn(problem: EntropicProblem): Plan {
  const { a, b, ...kernel } = prepared("sinkhorn", problem);
  checkBalanced("sinkhorn", a, b);
  const logA = a.map(Math.log);
  const logB = b.map(Math.log);
  const scaling = {
    ...kernel,
    rowUpdate: (logMass: number, i: number) => logA[i]! - logMass,
    columnUpdate: (logMass: number, j: number) => logB[j]! - logMass,
  };
  return entropicPlan(scaling, { ...problem, start: annealed(scaling) });
}

/**
 * Where to start: potentials after a few iterations each at larger epsilons, halved until less than 2 epsilon. From 0
 * a small epsilon would need about range(cost) / epsilon iterations only to find out which pairs matter.
 */
function annealed(scaling: Scaling): Potentials {
  const { logKernel, rows, columns } = scaling;
  const range = logKernel.reduce((a, b) => Math.max(a, b)) - logKernel.reduce((a, b) => Math.min(a, b));
  let start = { f: new Float64Array(rows), g: new Float64Array(columns), s: 0 };
  for (let stage = Math.floor(Math.log2(Math.max(1, range))); stage > 0; stage--) {
    const hot = { ...scaling, logKernel: logKernel.map((value) => value / 2 ** stage) };
    const { potentials } = iterate(hot, { maxIterations: 10, tolerance: 1e-3 }, start);
    start = { f: potentials.f.map(twice), g: potentials.g.map(twice), s: 0 };
  }
  return start;
}

const twice = (value: number): number => 2 * value;
