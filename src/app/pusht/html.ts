import { type Figure, figureToSvg } from "../../figure/index.ts";

/** A part of a page: a heading, and what stands below it. */
export interface Section {
  readonly title: string;
  /** Elements of HTML. */
  readonly body: string;
}

export interface Page {
  readonly title: string;
  /** One sentence. */
  readonly lead: string;
  readonly sections: readonly Section[];
}

const style = `
:root { color-scheme: light dark; --ink: #1c2024; --muted: #60686f; --paper: #fdfdfc; --line: #d9dde0; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaec; --muted: #9aa3ab; --paper: #16191c; --line: #363c42; }
}
body { margin: 2rem auto; max-width: 62rem; padding: 0 1rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.5rem; } .lead { color: var(--muted); margin-top: .25rem; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .25rem 1.25rem .25rem 0;
  border-bottom: 1px solid var(--line); vertical-align: top; } th { color: var(--muted); font-weight: normal; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 1rem 0; overflow-x: auto; } figcaption { color: var(--muted); font-size: .9rem; }
img { max-width: 100%; image-rendering: auto; } .dark { display: none; }
@media (prefers-color-scheme: dark) { .dark { display: block; } .light { display: none; } }`;

/** A page that needs no other file. */
export function htmlPage({ title, lead, sections }: Page): string {
  const parts = sections.map(({ title: heading, body }) => `<h2>${escaped(heading)}</h2>\n${body}`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}
</style>
<h1>${escaped(title)}</h1>
<p class="lead">${escaped(lead)}</p>
${parts.join("\n")}
</html>
`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export const escaped = (text: string): string => text.replace(/[&<>"]/g, (letter) => entities[letter]!);

/** Names and what they are. */
export function factTable(rows: readonly (readonly [name: string, value: string])[]): string {
  const lines = rows.map(([name, value]) => `<tr><th>${escaped(name)}</th><td>${escaped(value)}</td></tr>`);
  return `<table>\n${lines.join("\n")}\n</table>`;
}

/** A figure in both themes; the page shows the one of the reader's. */
export function inlineFigure(figure: Figure, caption: string): string {
  const drawn = (["light", "dark"] as const).map(
    (theme) => `<div class="${theme}">${figureToSvg(figure, { theme })}</div>`,
  );
  return `<figure>\n${drawn.join("\n")}\n<figcaption>${escaped(caption)}</figcaption>\n</figure>`;
}

/** A picture, inside of the page. */
export function inlineImage(
  { bytes, type }: { readonly bytes: Uint8Array; readonly type: "image/png" | "image/gif" },
  caption: string,
): string {
  const characters: string[] = [];
  for (let i = 0; i < bytes.length; i += 8192)
    characters.push(String.fromCharCode(...bytes.subarray(i, i + 8192)));
  const source = `data:${type};base64,${btoa(characters.join(""))}`;
  return `<figure>\n<img src="${source}" alt="${escaped(caption)}">\n<figcaption>${escaped(caption)}</figcaption>\n</figure>`;
}
