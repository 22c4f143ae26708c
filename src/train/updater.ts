import type { AdamOptions } from "./adam.ts";
import { globalNorm } from "./clip.ts";
import { updateAverage } from "./ema.ts";
import { fusedAdamW } from "./fused.ts";
import type { Layout } from "./layout.ts";
import type { Optimizer } from "./optimizer.ts";
import { adamPlanes, allocatePlanes, type Planes } from "./planes.ts";

/** One update, after the gradient is in its plane. */
export interface UpdateStep {
  /** Updates made before this one. */
  readonly count: number;
  readonly learningRate: number;
  readonly gradScale: number;
  /** Decay of the average of the parameters; undefined leaves the average alone. */
  readonly emaDecay: number | undefined;
}

/** Moves the parameters' memory along the gradient's. */
export interface Updater<T> {
  readonly planes: Planes<string, T>;
  /** The planes of the optimiser's own memory. */
  readonly moments: readonly string[];
  gradientNorm(): number;
  update(step: UpdateStep): void;
}

export interface UpdaterOptions<Rule> {
  readonly optimizer: Rule;
  /** Names of planes to allocate beside those that the update needs. */
  readonly extra?: readonly string[];
}

/** The fused AdamW kernel for its options, or any optimiser in TypeScript. */
export function updater<T>(
  layout: Layout<T>,
  { optimizer, extra = [] }: UpdaterOptions<AdamOptions | Optimizer>,
): Updater<T> {
  return "step" in optimizer ? plain(layout, { optimizer, extra }) : fused(layout, { optimizer, extra });
}

function fused<T>(
  layout: Layout<T>,
  { optimizer, extra }: Required<UpdaterOptions<AdamOptions>>,
): Updater<T> {
  const planes: Planes<string, T> = allocatePlanes<string, T>(layout, [...adamPlanes, ...extra]);
  const kernel = fusedAdamW(planes, optimizer);
  return {
    planes,
    moments: ["m", "v"],
    gradientNorm: kernel.gradientNorm,
    update: ({ emaDecay, ...step }) => kernel.step(emaDecay === undefined ? step : { ...step, emaDecay }),
  };
}

function plain<T>(layout: Layout<T>, { optimizer, extra }: Required<UpdaterOptions<Optimizer>>): Updater<T> {
  const planes: Planes<string, T> = allocatePlanes<string, T>(layout, [
    "params",
    "gradient",
    "ema",
    ...optimizer.moments,
    ...extra,
  ]);
  const [params, gradient, average] = [planes.view("params"), planes.view("gradient"), planes.view("ema")];
  const moments = Object.fromEntries(optimizer.moments.map((name) => [name, planes.view(name)]));
  const decayed = layout.stretches.filter(({ decay }) => decay);
  return {
    planes,
    moments: optimizer.moments,
    gradientNorm: () => globalNorm(gradient),
    update({ count, learningRate, gradScale, emaDecay }) {
      if (gradScale !== 1) for (let i = 0; i < gradient.length; i++) gradient[i]! *= gradScale;
      optimizer.step({ params, gradient, state: { count, moments }, learningRate, decayed });
      if (emaDecay !== undefined) updateAverage(average, { params, decay: emaDecay });
    },
  };
}
