import { malformed } from "./malformed.ts";

/** JSON.parse that also refuses objects with a key twice, of which it would keep the last. Throws "format". */
export function parseJson(text: string, where: string, field: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw malformed(where, field, { expected: "valid syntax", got: text, cause });
  }
  const repeated = repeatedKey(text);
  if (repeated === undefined) return value;
  throw malformed(where, field, { expected: "every key once", got: `${repeated} twice` });
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isShape(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((length) => Number.isSafeInteger(length) && length >= 0);
}

/** Walks text that is known to be valid; a string before a colon is a key. */
function repeatedKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === "{") open.push(new Set());
    else if (character === "[") open.push(undefined);
    else if (character === "}" || character === "]") open.pop();
    else if (character === '"') {
      const end = stringEnd(text, i);
      const key = isKey(text, end) ? (JSON.parse(text.slice(i, end)) as string) : undefined;
      if (key !== undefined && open.at(-1)?.has(key)) return key;
      if (key !== undefined) open.at(-1)?.add(key);
      i = end - 1;
    }
  }
  return undefined;
}

function stringEnd(text: string, start: number): number {
  let i = start + 1;
  while (text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
  return i + 1;
}

function isKey(text: string, end: number): boolean {
  let i = end;
  while (text[i] === " " || text[i] === "\n" || text[i] === "\t" || text[i] === "\r") i++;
  return text[i] === ":";
}
