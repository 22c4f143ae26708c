import { isRecord, isShape, parseJson } from "./json.ts";
import { malformed } from "./malformed.ts";
import type { Shape } from "./nd-array.ts";

/** What the Python dictionary at the head of a .npy file says. */
export interface NpyHeader {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: Shape;
}

/** Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`. Throws "format". */
export function parseNpyHeader(text: string, where: string): NpyHeader {
  const header = parseJson(pythonToJson(text), where, "header");
  if (!isRecord(header) || Object.keys(header).sort().join() !== "descr,fortran_order,shape") {
    throw malformed(where, "header", { expected: "descr, fortran_order and shape", got: text });
  }
  const { descr, fortran_order: fortranOrder, shape } = header;
  const wrong = (field: string, expected: string, got: unknown) =>
    malformed(where, `header field ${field}`, { expected, got: JSON.stringify(got) });
  if (typeof descr !== "string") throw wrong("descr", "one type, not a structure", descr);
  if (typeof fortranOrder !== "boolean") throw wrong("fortran_order", "True or False", fortranOrder);
  if (!isShape(shape)) throw wrong("shape", "a tuple of integers >= 0", shape);
  return { descr, fortranOrder, shape };
}

export function formatNpyHeader({ descr, fortranOrder, shape }: NpyHeader): string {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  return `{'descr': '${descr}', 'fortran_order': ${fortranOrder ? "True" : "False"}, 'shape': ${tuple}, }`;
}

/** The few literals that numpy writes differ from JSON in spelling only; 3L is how Python 2 spelled 3. */
function pythonToJson(text: string): string {
  return text
    .replace(/'/g, '"')
    .replace(/\bTrue\b/g, "true")
    .replace(/\bFalse\b/g, "false")
    .replace(/(\d)L\b/g, "$1")
    .replace(/\(/g, "[")
    .replace(/\)/g, "]")
    .replace(/,\s*([\]}])/g, "$1");
}
