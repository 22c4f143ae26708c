import { parseDocument } from "yaml";
import { AdvectError } from "../../engine/error.ts";

/** A value to put in the place of the recipe's own: `training.steps=100`. */
export interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** Reads `key.key=value`, the value as YAML. Throws "option". */
export function parseOverride(text: string): Override {
  const split = text.indexOf("=");
  const key = split < 0 ? text : text.slice(0, split);
  const path = key.trim().split(".");
  if (split < 0 || path.some((name) => name === "")) {
    throw new AdvectError("option", "--set", {
      expected: "key=value",
      got: text === "" ? "nothing" : text,
      fix: "For example --set training.steps=1000 or --set model.hidden=64.",
    });
  }
  return { path, value: parsed(key, text.slice(split + 1)) };
}

function parsed(key: string, text: string): unknown {
  const document = parseDocument(text, { prettyErrors: false, stringKeys: true, logLevel: "silent" });
  try {
    if (document.errors.length === 0) return document.toJS();
  } catch {
    // told below
  }
  throw new AdvectError("option", `--set ${key}`, {
    expected: "a value as in YAML",
    got: text,
    fix: "Quote text that has special characters.",
  });
}

/** The value with the overrides in it; a word becomes an object with that kind where a key is set below it. */
export function overridden(value: unknown, overrides: readonly Override[]): unknown {
  return overrides.reduce(
    (result, override) => put(without(result, override), override.path, override.value),
    value,
  );
}

/** Keys that exclude each other: the one that is set replaces the other. */
const rivals: Readonly<Record<string, readonly [string, string]>> = {
  "training.steps": ["training", "seconds"],
  "training.seconds": ["training", "steps"],
};

function without(tree: unknown, { path }: Override): unknown {
  const rival = rivals[path.join(".")];
  if (!rival || !isRecord(tree)) return tree;
  const { [rival[0]]: section, ...others } = tree;
  if (!isRecord(section)) return tree;
  const { [rival[1]]: _, ...rest } = section;
  return { ...others, [rival[0]]: rest };
}

function put(tree: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  if (Array.isArray(tree)) {
    const at = Number(name);
    if (Number.isInteger(at) && at >= 0 && at <= tree.length) {
      return Object.assign([...tree], { [at]: put(tree[at], rest, value) });
    }
  }
  const parent = typeof tree === "string" ? { kind: tree } : isRecord(tree) ? tree : {};
  const child = Object.hasOwn(parent, name) ? parent[name] : undefined;
  return { ...parent, [name]: put(child, rest, value) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
