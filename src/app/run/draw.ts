import { AdvectError } from "../../engine/error.ts";
import { figureToPng, figureToSvg, type Theme } from "../../figure/index.ts";
import type { Figures } from "./figures.ts";
import { textBytes } from "./folder.ts";

/**
 * Files of figures by name: samples.svg, samples-dark.svg, and the same as png where the package that draws them is
 * installed; otherwise `warn` is told.
 */
export async function drawn(
  figures: Figures,
  warn: (message: string) => void = () => {},
): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  let png = true;
  for (const [name, figure] of Object.entries(figures)) {
    for (const [theme, ending] of themes) {
      const svg = figureToSvg(figure, { theme });
      files[`${name}${ending}.svg`] = textBytes(svg);
      const image = png ? await pngOf(svg, warn) : undefined;
      if (image) files[`${name}${ending}.png`] = image;
      else png = false;
    }
  }
  return files;
}

const themes: readonly (readonly [Theme, string])[] = [
  ["light", ""],
  ["dark", "-dark"],
];

async function pngOf(svg: string, warn: (message: string) => void): Promise<Uint8Array | undefined> {
  try {
    return await figureToPng(svg);
  } catch (error) {
    if (!(error instanceof AdvectError) || error.kind !== "unsupported") throw error;
    warn("Figures are drawn as SVG only. For PNG: npm install @resvg/resvg-js.");
    return undefined;
  }
}
