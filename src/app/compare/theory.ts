import { meanOf } from "../../metrics/index.ts";
import { type MethodName, methods } from "./methods.ts";
import { type ComparisonRow, floorName } from "./row.ts";

/** Something that theory says about the table, and whether the table shows it. */
export interface ComparisonClaim {
  readonly claim: string;
  /** Of W2, where a method beats another; of calls; or between the samples of two sampler keys. */
  readonly difference: number;
  /** 0 for what is counted. */
  readonly stdErr: number;
  readonly holds: boolean;
}

/** A method is good enough from so many times the floor's W2 on. */
export const goodEnough = 1.5;

/** The fewest calls with which a method is good enough; undefined if it never is, or there is no floor. */
export function callsNeeded(rows: readonly ComparisonRow[], method: MethodName): number | undefined {
  const floor = rows.find((row) => row.method === floorName);
  const bound = goodEnough * (floor?.w2 ?? Number.NaN);
  return rows.find((row) => row.method === method && row.w2 <= bound)?.nfe;
}

/** How claims are decided, for who reads them. */
export const theoryNote =
  "A method beats another where its W2 is less by more than two standard errors, set by set. Calls are those to come " +
  `within ${goodEnough} times the floor. Reproducible: of two sampler keys, the same x0 gives the same samples.`;

/**
 * What theory says about the methods that are there: straighter flows need fewer steps [liu2023; tong2024], an ODE
 * samples what its x0 says, and a diffusion sampled with noise needs many more steps [song2021a].
 */
export function theory(rows: readonly ComparisonRow[]): ComparisonClaim[] {
  const there = new Set(rows.map(({ method }) => method));
  const few = [1, 2, 5].filter((nfe) => rows.some((row) => row.nfe === nfe));
  const some = [2, 5, 10].filter((nfe) => rows.some((row) => row.nfe === nfe));
  const straight = (["ot-flow", "rectified"] as const).filter((name) => there.has(name));
  const known = (Object.keys(methods) as MethodName[]).filter((name) => there.has(name));
  return [
    ...(there.has("flow")
      ? straight.flatMap((name) => few.map((nfe) => better(rows, { name, than: "flow", nfe })))
      : []),
    ...(there.has("flow") && there.has("ddpm")
      ? some.map((nfe) => better(rows, { name: "flow", than: "ddpm", nfe }))
      : []),
    ...(there.has("ddpm") ? straight.map((name) => manyMore(rows, name)) : []),
    ...known.map((name) => decided(rows, name)),
  ];
}

interface Comparing {
  readonly name: MethodName;
  readonly than: MethodName;
  readonly nfe: number;
}

function better(rows: readonly ComparisonRow[], { name, than, nfe }: Comparing): ComparisonClaim {
  const values = (method: MethodName) =>
    rows.find((row) => row.method === method && row.nfe === nfe)?.w2Values ?? [Number.NaN];
  const others = values(than);
  const { value, stdError } = meanOf(values(name).map((w2, i) => w2 - others[i]!));
  return {
    claim: `${name} beats ${than} at nfe ${nfe}`,
    difference: value,
    stdErr: stdError,
    holds: value + 2 * stdError < 0,
  };
}

/** At least five times the calls. */
function manyMore(rows: readonly ComparisonRow[], straight: MethodName): ComparisonClaim {
  const [mine, its] = [callsNeeded(rows, "ddpm") ?? Number.POSITIVE_INFINITY, callsNeeded(rows, straight)];
  return {
    claim: `ddpm needs at least 5 times the calls of ${straight}`,
    difference: mine - (its ?? Number.NaN),
    stdErr: 0,
    holds: its !== undefined && mine >= 5 * its,
  };
}

function decided(rows: readonly ComparisonRow[], name: MethodName): ComparisonClaim {
  const own = rows.filter(({ method }) => method === name);
  const difference = Math.max(...own.map(({ largestDifference }) => largestDifference ?? Number.NaN));
  const { stochastic } = methods[name];
  return {
    claim: stochastic ? `${name} is not reproducible` : `${name} is reproducible`,
    difference,
    stdErr: 0,
    holds: stochastic ? difference > 0 : difference === 0,
  };
}
