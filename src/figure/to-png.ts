import { AdvectError } from "../engine/error.ts";

export interface PngOptions {
  /** In pixels; the height follows. Twice the figure's own width unless given. */
  readonly width?: number;
  /** Font files (ttf, otf) for machines that have none, or not those wanted; the first one is used. */
  readonly fontFiles?: readonly string[];
}

/**
 * The picture of `figureToSvg` as a PNG, in Node.js, by the optional package @resvg/resvg-js; browsers draw the SVG
 * themselves. Its letters are those of the machine's fonts. Throws "unsupported" without the package.
 */
export async function figureToPng(svg: string, options: PngOptions = {}): Promise<Uint8Array> {
  const { width, fontFiles = [] } = options;
  if (width !== undefined && !(Number.isInteger(width) && width >= 1)) {
    throw new AdvectError("option", "figureToPng", { expected: "a width of at least 1 pixel", got: width });
  }
  const { Resvg } = await renderer();
  const own = fontFiles.length > 0;
  const drawn = new Resvg(svg, {
    fitTo: width === undefined ? { mode: "zoom", value: 2 } : { mode: "width", value: width },
    font: own ? { fontFiles: [...fontFiles], loadSystemFonts: false } : { loadSystemFonts: true },
  }).render();
  return new Uint8Array(drawn.asPng());
}

async function renderer(): Promise<typeof import("@resvg/resvg-js")> {
  try {
    return await import("@resvg/resvg-js");
  } catch (cause) {
    throw new AdvectError("unsupported", "figureToPng", {
      expected: "the package @resvg/resvg-js, which draws SVG as PNG",
      got: "none",
      fix: "Install it: npm install @resvg/resvg-js. Without it, write the SVG: browsers and editors show it.",
      cause,
    });
  }
}
