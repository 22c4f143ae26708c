import { type Document, isCollection, isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import { AdvectError } from "../../engine/error.ts";
import type { Path, Place } from "./faults.ts";

/** A text of YAML: what it says, and where. */
export interface Source {
  readonly value: unknown;
  readonly place: Place;
}

/** Throws "format" for text that is no YAML, naming `where`, line and column. */
export function readYaml(text: string, where: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    logLevel: "silent",
  });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${where}:${line}:${col}`;
  };
  const [error] = document.errors;
  if (error) throw notYaml(at(error.pos[0]), error);
  return { value: plain(document, where), place: (path) => at(offsetOf(document, path)) };
}

function plain(document: Document.Parsed, where: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw notYaml(where, cause); // such as aliases without end
  }
}

function notYaml(where: string, cause: unknown): AdvectError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new AdvectError("format", where, { expected: "YAML", got: message, cause });
}

/** The start of the key that names the value, or of what is nearest above it. */
function offsetOf(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const name of path) {
    if (!isCollection(node)) return offset;
    const pair = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(name))
      : undefined;
    const named = pair ? pair.key : node.get(name, true);
    if (!isNode(named)) return offset;
    offset = named.range?.[0] ?? offset;
    node = pair ? pair.value : named;
  }
  return offset;
}
