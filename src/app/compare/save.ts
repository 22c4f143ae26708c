import type { Files } from "../../engine/platform/index.ts";
import { figureToPng, figureToSvg } from "../../figure/index.ts";
import { platformFiles } from "../../train/files.ts";
import type { Comparison } from "./compare.ts";
import { comparisonFigures } from "./figures.ts";
import { comparisonText } from "./tables.ts";

/** The document of --json and of comparison.json: all but the pictures. What is not finite is null there. */
export function comparisonJson({ pictures: _, ...facts }: Comparison): Omit<Comparison, "pictures"> {
  return facts;
}

export interface SaveOptions {
  readonly files?: Files;
  /** Told when pictures are SVG only, since nothing draws them as PNG here. */
  readonly warn?: (message: string) => void;
}

/**
 * Writes comparison.json and comparison.md into a folder, each whole or not at all, and leaves other files there alone.
 * Throws "io".
 */
export async function saveComparison(
  comparison: Comparison,
  folder: string,
  { files = platformFiles }: SaveOptions = {},
): Promise<string[]> {
  return write(folder, files, {
    "comparison.json": text(`${JSON.stringify(comparisonJson(comparison), null, 2)}\n`),
    "comparison.md": text(`${comparisonText(comparison)}\n`),
  });
}

/** The pictures of `comparisonFigures`, as SVG and, where the package for it is installed, as PNG. Throws "io". */
export async function saveComparisonFigures(
  comparison: Comparison,
  folder: string,
  { files = platformFiles, warn }: SaveOptions = {},
): Promise<string[]> {
  const drawn: Record<string, Uint8Array> = {};
  for (const [name, figure] of Object.entries(comparisonFigures(comparison))) {
    const svg = figureToSvg(figure);
    drawn[`${name}.svg`] = text(svg);
    const png = await figureToPng(svg).catch((error: Error) => void warn?.(error.message));
    if (png) drawn[`${name}.png`] = png;
  }
  return write(folder, files, drawn);
}

async function write(
  folder: string,
  files: Files,
  contents: Readonly<Record<string, Uint8Array>>,
): Promise<string[]> {
  const fresh = (await files.listFolder(folder)).length === 0;
  if (fresh) await files.writeFolderAtomic(folder, contents);
  for (const [name, bytes] of fresh ? [] : Object.entries(contents)) {
    await files.writeFileAtomic(`${folder}/${name}`, bytes);
  }
  return Object.keys(contents).map((name) => `${folder}/${name}`);
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
