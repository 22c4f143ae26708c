import type { ImageReport } from "./evaluate.ts";

/** The report in three lines. */
export function imageSummary({ recognised, energyDistance, nearestTraining }: ImageReport): string[] {
  const percent = ({ value }: { readonly value: number }) => `${(100 * value).toFixed(1)} %`;
  const four = ({ value }: { readonly value: number }) => value.toFixed(4);
  const pair = ({ value, stdError }: { readonly value: number; readonly stdError: number }) =>
    `${value.toFixed(3)} ± ${stdError.toFixed(3)}`;
  return [
    `Recognised by the nearest training image: ${percent(recognised.samples)} (test images: ${percent(recognised.test)}).`,
    `Energy distance to the test images: ${four(energyDistance.samples)} (training images: ${four(energyDistance.training)}; ratio ${energyDistance.ratio.toFixed(2)}).`,
    `Distance to the nearest training image: ${pair(nearestTraining.samples)} (test images: ${pair(nearestTraining.test)}).`,
  ];
}
