import { AdvectError } from "../../engine/error.ts";
import { add, conv, convTranspose, reshape, type Tensor, type Window } from "../../engine/tensor/index.ts";
import { checkCounts, checkDivides, checkLength } from "../check.ts";
import { affineValues, type Start } from "../initial.ts";
import type { Layer } from "../model.ts";
import { channelAxis, channelsFirst, channelsLast, type Layout } from "./layout.ts";
import { type AffineParams, affine } from "./linear.ts";

/** One number for all spatial axes, or one for each. */
export type Spread = number | readonly number[];

export interface ConvOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: Spread;
  /** 1 unless given */
  readonly stride?: Spread;
  /** Zeros on both sides, 0 unless given. */
  readonly padding?: Spread;
  /** 1 unless given */
  readonly dilation?: Spread;
  /** 1 unless given; divides inputs and outputs */
  readonly groups?: number;
  /** true unless given */
  readonly bias?: boolean;
  /** "channels-first" unless given; it concerns x, not the parameters. */
  readonly layout?: Layout;
  /** "uniform" unless given */
  readonly start?: Start;
}

export interface ConvTransposeOptions extends ConvOptions {
  /** Extra length of the result after its end, less than the stride; 0 unless given. */
  readonly outputPadding?: Spread;
}

/** Cross-correlation over one spatial axis; weight [outputs, inputs / groups, k], x [batch, inputs, length]. */
export const conv1d = (options: ConvOptions): Layer<AffineParams> => convolution("conv1d", options, 1);

/** Cross-correlation over two spatial axes; weight [outputs, inputs / groups, kh, kw], x [batch, inputs, h, w]. */
export const conv2d = (options: ConvOptions): Layer<AffineParams> => convolution("conv2d", options, 2);

/** The adjoint of conv1d with in and out exchanged; weight [inputs, outputs / groups, k], x [batch, inputs, length]. */
export const convTranspose1d = (options: ConvTransposeOptions): Layer<AffineParams> =>
  transposed("convTranspose1d", options, 1);

/** The adjoint of conv2d with in and out exchanged; weight [inputs, outputs / groups, kh, kw], x [batch, inputs, h, w]. */
export const convTranspose2d = (options: ConvTransposeOptions): Layer<AffineParams> =>
  transposed("convTranspose2d", options, 2);

function convolution(name: string, options: ConvOptions, axes: number): Layer<AffineParams> {
  const { inputs, outputs, layout = "channels-first", groups = 1 } = options;
  const kernel = spread(options.kernel, axes);
  const window = windowOf(name, options, axes);
  const pointwise = isPointwise(kernel, window);
  return {
    init: (key) => affineValues(key, shapes(options, [outputs, inputs / groups, ...kernel])),
    apply(params, x) {
      checkLength(name, x, { axis: channelAxis(layout), length: inputs });
      const last = channelsLast(x, layout);
      const y = pointwise
        ? affine({ ...params, weight: reshape(params.weight, [outputs, inputs]) }, last)
        : biased(conv(last, channelsLast(params.weight, "channels-first"), window), params);
      return channelsFirst(y, layout);
    },
  };
}

function transposed(name: string, options: ConvTransposeOptions, axes: number): Layer<AffineParams> {
  const { inputs, outputs, layout = "channels-first", groups = 1 } = options;
  const kernel = spread(options.kernel, axes);
  const window = windowOf(name, options, axes);
  const extra = spread(options.outputPadding ?? 0, axes);
  checkExtra(name, extra, window);
  return {
    init: (key) => affineValues(key, shapes(options, [inputs, outputs / groups, ...kernel])),
    apply(params, x) {
      checkLength(name, x, { axis: channelAxis(layout), length: inputs });
      const last = channelsLast(x, layout);
      const spatial = last.shape
        .slice(1, -1)
        .map((length, axis) => transposedLength(length, { kernel, window, axis }) + extra[axis]!);
      const weight = channelsLast(params.weight, "channels-first");
      return channelsFirst(biased(convTranspose(last, weight, { window, spatial }), params), layout);
    },
  };
}

function shapes({ outputs, bias = true, start = "uniform" }: ConvOptions, weight: readonly number[]) {
  return { weight, bias: bias ? outputs : 0, start };
}

const biased = (y: Tensor, { bias }: AffineParams) => (bias ? add(y, bias) : y);

/** A kernel of one tap is a linear layer on every place. */
function isPointwise(kernel: readonly number[], { stride, padding, groups }: Window): boolean {
  return (
    groups === 1 &&
    kernel.every((k) => k === 1) &&
    stride.every((s) => s === 1) &&
    padding.every(([before]) => before === 0)
  );
}

/** (length - 1) stride - 2 padding + dilation (kernel - 1) + 1 */
function transposedLength(
  length: number,
  { kernel, window, axis }: { kernel: readonly number[]; window: Window; axis: number },
): number {
  const [before, after] = window.padding[axis]!;
  return (
    (length - 1) * window.stride[axis]! - before - after + window.dilation[axis]! * (kernel[axis]! - 1) + 1
  );
}

function windowOf(name: string, options: ConvOptions, axes: number): Window {
  const { inputs, outputs, groups = 1 } = options;
  const [kernel, stride, padding, dilation] = [
    options.kernel,
    options.stride ?? 1,
    options.padding ?? 0,
    options.dilation ?? 1,
  ].map((value) => spread(value, axes)) as [number[], number[], number[], number[]];
  checkCounts(name, { inputs, outputs, groups });
  for (const [option, values] of Object.entries({
    kernel,
    stride,
    dilation,
    padding: padding.map((p) => p + 1),
  })) {
    checkSpread(name, option, { values, axes });
  }
  checkDivides(name, { whole: ["inputs", inputs], part: ["groups", groups] });
  checkDivides(name, { whole: ["outputs", outputs], part: ["groups", groups] });
  return { stride, padding: padding.map((p) => [p, p] as const), dilation, groups };
}

function spread(value: Spread, axes: number): number[] {
  return typeof value === "number" ? new Array<number>(axes).fill(value) : [...value];
}

function checkSpread(
  name: string,
  option: string,
  { values, axes }: { values: readonly number[]; axes: number },
): void {
  if (values.length === axes && values.every((value) => Number.isSafeInteger(value) && value >= 1)) return;
  throw new AdvectError("option", name, {
    expected: `${option} to be a whole number, or ${axes} of them (padding >= 0, others >= 1)`,
    got: option === "padding" ? values.map((value) => value - 1) : values,
  });
}

function checkExtra(name: string, extra: readonly number[], { stride }: Window): void {
  const fits = extra.length === stride.length && extra.every((n, axis) => n >= 0 && n < stride[axis]!);
  if (fits && extra.every(Number.isSafeInteger)) return;
  throw new AdvectError("option", name, {
    expected: `outputPadding to be whole numbers >= 0 below the stride [${stride}]`,
    got: extra,
  });
}
