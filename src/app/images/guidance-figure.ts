import { type NdArray, permuteAxes } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { type Figure, imageGrid } from "../../figure/index.ts";

export interface GuidedImages {
  readonly scale: number;
  /** [count, channels, height, width] in [-1, 1]; the classes 0, 1 … in turn. */
  readonly images: NdArray;
}

/** A grid for each guidance scale, below each other, a column for each class. Throws "shape" for none. */
export function guidanceFigure(
  grids: readonly GuidedImages[],
  { title, classes }: { readonly title: string; readonly classes: number },
): Figure {
  const figures = grids.map(({ scale, images }) =>
    imageGrid({
      title,
      images: permuteAxes(images, [0, 2, 3, 1]),
      columns: classes,
      range: [-1, 1],
      caption: captionOf(scale),
    }),
  );
  const [first] = figures;
  if (!first) throw new AdvectError("shape", "guidanceFigure", { expected: "at least one grid", got: 0 });
  const rows = `${figures.length} grids of images, a column for each class`;
  return {
    ...first,
    description: `${rows}, for guidance scales ${grids.map(({ scale }) => scale).join(", ")}.`,
    panels: figures.flatMap(({ panels }) => panels),
    columns: 1,
    notes: [...new Set(figures.flatMap(({ notes = [] }) => notes))],
  };
}

function captionOf(scale: number): string {
  if (scale === 0) return "scale 0: without labels";
  return scale === 1 ? "scale 1: no guidance" : `scale ${scale}`;
}
