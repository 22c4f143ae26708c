import { compileWasm } from "../engine/platform/index.ts";
import { type AdamOptions, adamOptions } from "./adam.ts";
import { check, positive } from "./check.ts";
import { wasm } from "./kernel.wasm.ts";
import type { AdamPlane, Planes } from "./planes.ts";

/** The exports of kernel.as.ts. Pointers are bytes, n counts elements. */
export interface Kernel {
  /** sum x_i^2 in float64. */
  sumSquares(x: number, n: number): number;
  /** sum_i += scale x_i. */
  accumulate(sum: number, x: number, n: number, scale: number): void;
  /** One step of AdamW and of the average. */
  adamwEma(
    p: number,
    gradient: number,
    m: number,
    v: number,
    ema: number,
    n: number,
    ...scalars: Scalars
  ): void;
}

type Scalars = [
  gradScale: number,
  learningRate: number,
  beta1: number,
  beta2: number,
  epsilon: number,
  weightDecay: number,
  bias1: number,
  bias2: number,
  emaDecay: number,
];

/** The kernel's functions on `memory`, which must never grow. */
export function kernelOn(memory: WebAssembly.Memory): Kernel {
  return new WebAssembly.Instance(compileWasm(wasm), { env: { memory } }).exports as unknown as Kernel;
}

export interface FusedOptions<Name extends string> extends AdamOptions {
  /** The plane that holds the gradient; default "gradient". */
  readonly gradient?: Name;
}

export interface FusedStep {
  /** Steps taken before this one: 0 for the first. */
  readonly count: number;
  readonly learningRate: number;
  /** Factor on the gradient, from clipping and from averaging over accumulated batches; default 1. */
  readonly gradScale?: number;
  /** Decay of the average of the parameters; if left out, the average stays as it is. */
  readonly emaDecay?: number;
}

/** AdamW on planes, in place: they belong to the caller. */
export interface FusedAdamW {
  readonly name: string;
  readonly reference: string;
  /** |gradient| before any scale; NaN or Infinity if and only if an element is: skip such a step. */
  gradientNorm(): number;
  step(step: FusedStep): void;
}

/**
 * `adamW` and `updateAverage` in one pass of a SIMD kernel over planes, in float32; kernel.as.ts has the equations.
 * Weight decay, 0.01 if left out, applies to the stretches that the layout marks. Gaps stay 0, and moments below
 * 2^-120 become 0. epsilon must be > 0. Throws "option".
 */
export function fusedAdamW<Name extends string>(
  planes: Pick<Planes<Name | AdamPlane>, "layout" | "memory" | "pointer">,
  options: FusedOptions<Name | AdamPlane> = {},
): FusedAdamW {
  const { weightDecay = 0.01, gradient = "gradient" } = options;
  const adam = adamOptions("fusedAdamW", { ...options, weightDecay });
  check("fusedAdamW", positive, { epsilon: adam.epsilon });
  const kernel = kernelOn(planes.memory);
  const { size, stretches } = planes.layout;
  const pointers = (["params", gradient, "m", "v", "ema"] as const).map(planes.pointer) as FivePointers;
  return {
    name: "adamW",
    reference: "loshchilov2019",
    gradientNorm: () => Math.sqrt(kernel.sumSquares(pointers[1], size)),
    step(step) {
      for (const { start, end, decay } of stretches) {
        const [p, g, m, v, ema] = pointers.map((pointer) => pointer + 4 * start) as FivePointers;
        kernel.adamwEma(p, g, m, v, ema, end - start, ...scalars(step, adam, decay));
      }
    },
  };
}

type FivePointers = [p: number, gradient: number, m: number, v: number, ema: number];

function scalars(step: FusedStep, adam: Required<AdamOptions>, decay: boolean): Scalars {
  const { count, learningRate, gradScale = 1, emaDecay = -1 } = step;
  const { beta1, beta2, epsilon, weightDecay } = adam;
  const bias1 = 1 - beta1 ** (count + 1);
  const bias2 = 1 - beta2 ** (count + 1);
  return [gradScale, learningRate, beta1, beta2, epsilon, decay ? weightDecay : 0, bias1, bias2, emaDecay];
}
