import type { Comparison } from "./compare.ts";
import { type MethodName, methods } from "./methods.ts";
import { type ComparisonRow, floorName } from "./row.ts";
import { callsNeeded, goodEnough, theoryNote } from "./theory.ts";

/** The comparison as Markdown that reads well as plain text: the tables, and what theory says about them. */
export function comparisonText(comparison: Comparison): string {
  const { data, seed, budget, seconds } = comparison;
  const { steps, batch, depth, hidden, count, repeats } = budget;
  const about =
    `${data}: ${steps} steps on batches of ${batch} for each training, an MLP of ${depth} x ${hidden}; ` +
    `means over ${repeats} sets of ${count} samples, with standard errors; seed ${seed}; ${seconds.toFixed(0)} s.`;
  return [
    about,
    "W2 to the data, by calls of the network (NFE):",
    table(qualityRows(comparison, ({ w2, w2StdErr }) => withError(w2, w2StdErr, 3))),
    "Energy distance:",
    table(
      qualityRows(comparison, ({ energyDistance, energyDistanceStdErr }) =>
        withError(energyDistance, energyDistanceStdErr, 4),
      ),
    ),
    "What it took, and what the flows are like:",
    table(factRows(comparison)),
    ...(comparison.theory.length > 0 ? ["What theory says:", table(claimRows(comparison)), theoryNote] : []),
    methodsOf(comparison.rows)
      .map((name) => `- ${name}: ${methods[name].about}`)
      .join("\n"),
    ...missingText(comparison),
  ].join("\n\n");
}

function missingText({ missing }: Comparison): string[] {
  return missing.length > 0 ? [`Interrupted before ${missing.join(", ")}: these are not in the tables.`] : [];
}

function qualityRows(
  { rows, budget: { nfe } }: Comparison,
  show: (row: ComparisonRow) => string,
): string[][] {
  const cell = (method: string, calls: number) => {
    const row = rows.find((one) => one.method === method && one.nfe === calls);
    return row ? show(row) : "";
  };
  const floor = rows.find(({ method }) => method === floorName);
  return [
    ["method", ...nfe.map(String)],
    ...methodsOf(rows).map((method) => [method, ...nfe.map((calls) => cell(method, calls))]),
    ...(floor ? [["data (floor)", ...nfe.map(() => show(floor))]] : []),
  ];
}

function factRows({ rows }: Comparison): string[][] {
  const header = [
    "method",
    "training (s)",
    "steps",
    "straightness",
    "reproducible",
    `calls to ${goodEnough} x floor`,
  ];
  return [
    header,
    ...methodsOf(rows).map((method) => {
      const row = rows.find((one) => one.method === method)!;
      return [
        method,
        row.trainSeconds.toFixed(1),
        `${row.trainSteps}`,
        row.straightness === null ? "-" : row.straightness.toFixed(3),
        row.reproducible ? "yes" : "no",
        `${callsNeeded(rows, method) ?? "more"}`,
      ];
    }),
  ];
}

function claimRows({ theory }: Comparison): string[][] {
  return [
    ["claim", "difference", "holds"],
    ...theory.map(({ claim, difference, stdErr, holds }) => [
      claim,
      stdErr === 0 ? `${Number(difference.toPrecision(3))}` : withError(difference, stdErr, 3),
      holds ? "yes" : "NO",
    ]),
  ];
}

/** In the order of the methods' table, those that are there. */
export function methodsOf(rows: readonly ComparisonRow[]): MethodName[] {
  const there = new Set(rows.map(({ method }) => method));
  return (Object.keys(methods) as MethodName[]).filter((name) => there.has(name));
}

const withError = (value: number, error: number, digits: number): string =>
  `${value.toFixed(digits)} ± ${error.toFixed(digits)}`;

/** A Markdown table whose columns are aligned; the first row is the header. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(3, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return [
    line(rows[0]!),
    `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`,
    ...rows.slice(1).map(line),
  ].join("\n");
}
