import type { z } from "zod";
import { AdvectError } from "../../engine/error.ts";

export type Path = readonly PropertyKey[];

/** Something in a recipe that cannot be. */
export interface Fault {
  readonly path: Path;
  readonly expected: string;
  readonly got: unknown;
  readonly fix?: string | undefined;
}

/** Where the value at a path was written: "recipe.yaml:3:5". */
export type Place = (path: Path) => string;

/** What a schema has against a value, in words. */
export function faultsOf(issues: readonly z.core.$ZodIssue[], value: unknown): Fault[] {
  return issues.flatMap((issue) => {
    const [expected, fix] = issue.message.split("; ", 2) as [string, string | undefined];
    const keys = issue.code === "unrecognized_keys" ? issue.keys : undefined;
    if (keys) return keys.map((key) => ({ path: [...issue.path, key], expected, got: key, fix }));
    const path = shortened(issue.path, value);
    return [{ path, expected, got: at(value, path) ?? "nothing", fix }];
  });
}

/** One error about all of them, the first in full. */
export function refusal(faults: readonly Fault[], place: Place): AdvectError {
  const [first, ...more] = faults.map((fault) => ({ fault, where: whereOf(fault, place) }));
  const { expected, got, fix } = first!.fault;
  const rest = more.map(({ fault, where }) => new AdvectError("option", where, reportOf(fault)).message);
  const remedy = [fix, ...rest].filter((line) => line !== undefined).join("\n");
  return new AdvectError("option", first!.where, {
    expected,
    got: shown(got),
    ...(remedy && { fix: remedy }),
  });
}

function reportOf({ expected, got, fix }: Fault) {
  return { expected, got: shown(got), ...(fix !== undefined && { fix }) };
}

function whereOf({ path }: Fault, place: Place): string {
  return [place(path), path.join(".")].filter((part) => part !== "").join(": ");
}

/** Values in an error are short. */
function shown(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** `model: mpl` is a fault of model, not of model.kind. */
function shortened(path: Path, value: unknown): Path {
  const last = path.at(-1);
  return last === "kind" && typeof at(value, path.slice(0, -1)) === "string" ? path.slice(0, -1) : path;
}

/** The value at a path, or the one above it that has nothing below, such as a word for an object; else undefined. */
export function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((found, name) => {
    if (typeof found !== "object") return found;
    return found && Object.hasOwn(found, name) ? (found as Record<PropertyKey, unknown>)[name] : undefined;
  }, value);
}

const types: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "text",
  boolean: "true or false",
  object: "keys with values",
  array: "a list",
  tuple: "a list",
};

/** Zod's issues in the words of advect. */
export function wording(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "invalid_type") return types[issue.expected] ?? issue.expected;
  if (issue.code === "invalid_value") return issue.values.map(String).join(", or ");
  if (issue.code === "too_small")
    return `${bounded(issue.origin)} ${issue.inclusive ? ">=" : ">"} ${issue.minimum}`;
  if (issue.code === "too_big")
    return `${bounded(issue.origin)} ${issue.inclusive ? "<=" : "<"} ${issue.maximum}`;
  if (issue.code === "invalid_union") return "a number, or a list of three";
  return undefined;
}

const bounded = (origin: string) =>
  ({ number: "a number", int: "a whole number", string: "a length", array: "a number of items" })[origin] ??
  origin;
