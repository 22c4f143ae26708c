const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** `text` for the content of an XML element or attribute; characters that XML cannot hold become U+FFFD. */
export function escapeXml(text: string): string {
  return Array.from(text, (character) =>
    allowed(character.codePointAt(0)!) ? (entities[character] ?? character) : "\ufffd",
  ).join("");
}

function allowed(code: number): boolean {
  if (code < 32) return code === 9 || code === 10 || code === 13;
  return (code < 0xd800 || code > 0xdfff) && code !== 0xfffe && code !== 0xffff;
}

/** A coordinate in pixels, in as few characters as a hundredth of a pixel needs; far outside is far enough. */
export function px(value: number): string {
  return String(Math.round(Math.min(Math.max(value, -1e5), 1e5) * 100) / 100 + 0);
}

/** About how wide sans-serif text is, in pixels: there is no font to ask, and a little too much room does no harm. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width * size;
}

function characterWidth(character: string): number {
  if (/[ijl.,:;|!'()[\]\s]/.test(character)) return 0.32;
  if (/[mwMW@%—]/.test(character)) return 0.9;
  if (/[A-Z]/.test(character)) return 0.7;
  return character.codePointAt(0)! > 0x2e80 ? 1 : 0.58;
}

/** "1 point", "2 points"; thousands are set apart. */
export function counted(count: number, noun: string): string {
  return `${grouped(String(count))} ${noun}${count === 1 ? "" : "s"}`;
}

/** Digits before the point in groups of three: 12,500. */
export function grouped(digits: string): string {
  const [whole, rest] = digits.split(".") as [string, string?];
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return rest === undefined ? groups : `${groups}.${rest}`;
}
