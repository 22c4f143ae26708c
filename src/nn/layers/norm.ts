import { zeros } from "../../engine/array/index.ts";
import { add, mean, mul, normalize, recip, reshape, sqrt, type Tensor } from "../../engine/tensor/index.ts";
import { checkCounts, checkDivides, checkLength } from "../check.ts";
import { ones } from "../initial.ts";
import type { Layer, Values } from "../model.ts";
import { groupNormLast } from "./group-norm-last.ts";
import { channelAxis, type Layout, perChannel } from "./layout.ts";

/** A modulation for each sample and channel, both [batch, channels]: y (1 + scale) + shift [perez2018]. */
export interface Film {
  readonly scale: Tensor;
  readonly shift: Tensor;
}

/** Both or neither. */
export type NormParams = { readonly weight?: Tensor; readonly bias?: Tensor };

export interface LayerNormOptions {
  readonly size: number;
  /** 1e-5 unless given */
  readonly epsilon?: number;
  /** Whether there are a weight and a bias to learn; true unless given. */
  readonly affine?: boolean;
}

export interface GroupNormOptions {
  readonly groups: number;
  readonly channels: number;
  /** 1e-5 unless given */
  readonly epsilon?: number;
  /** Whether there are a weight and a bias to learn; true unless given. */
  readonly affine?: boolean;
  /** "channels-first" unless given */
  readonly layout?: Layout;
}

/** From here on passes over x cost more than operations: below, as when a robot samples one chunk, it is the other way round. */
const largeSize = 1 << 14;

/** (x - mean) / sqrt(var + epsilon) * weight + bias over the last axis [ba2016], then the modulation. */
export function layerNorm({
  size,
  epsilon = 1e-5,
  affine = true,
}: LayerNormOptions): Layer<NormParams, [film?: Film]> {
  checkCounts("layerNorm", { size });
  return {
    init: () => (affine ? unit(size) : {}),
    apply(params, x, film) {
      checkLength("layerNorm", x, { axis: -1, length: size });
      return modulate(normalize(x, -1, epsilon), { params, film, layout: "channels-last" });
    },
  };
}

/** The same over the places and channels of each group of channels [wu2018]. */
export function groupNorm({
  groups,
  channels,
  epsilon = 1e-5,
  affine = true,
  layout = "channels-first",
}: GroupNormOptions): Layer<NormParams, [film?: Film]> {
  checkCounts("groupNorm", { groups, channels });
  checkDivides("groupNorm", { whole: ["channels", channels], part: ["groups", groups] });
  return {
    init: () => (affine ? unit(channels) : {}),
    apply(params, x, film) {
      checkLength("groupNorm", x, { axis: channelAxis(layout), length: channels });
      const batch = x.shape[0]!;
      if (layout === "channels-first") {
        const grouped = reshape(x, [batch, groups, x.size / (batch * groups)]);
        return modulate(reshape(normalize(grouped, 2, epsilon), x.shape), { params, film, layout });
      }
      if (x.size > largeSize) return groupNormLast(x, { groups, epsilon, ...folded(params, film) });
      const grouped = reshape(x, [batch, -1, groups, channels / groups]);
      return modulate(reshape(normalize(grouped, [1, 3], epsilon), x.shape), { params, film, layout });
    },
  };
}

/** x / sqrt(mean(x^2) + epsilon) * weight over the last axis [zhang2019]. */
export function rmsNorm({
  size,
  epsilon = 1e-6,
}: {
  readonly size: number;
  readonly epsilon?: number;
}): Layer<{ readonly weight: Tensor }> {
  checkCounts("rmsNorm", { size });
  return {
    init: () => ({ weight: ones([size]) }),
    apply(params, x) {
      checkLength("rmsNorm", x, { axis: -1, length: size });
      const power = mean(mul(x, x), { axes: -1, keepDims: true });
      return mul(mul(x, recip(sqrt(add(power, epsilon)))), params.weight);
    },
  };
}

function unit(size: number): Values<NormParams> {
  return { weight: ones([size]), bias: zeros([size]) };
}

/**
 * (x weight + bias) (1 + scale) + shift. Folded as x a + b with a = weight (1 + scale), b = bias (1 + scale) + shift,
 * which are small: two passes over x instead of four.
 */
function modulate(
  x: Tensor,
  { params, film, layout }: { params: NormParams; film: Film | undefined; layout: Layout },
): Tensor {
  const { a, b } = folded(params, film);
  const spread = (v: Tensor) => perChannel(v, { rank: x.rank, layout });
  const scaled = a ? mul(x, spread(a)) : x;
  return b ? add(scaled, spread(b)) : scaled;
}

function folded({ weight, bias }: NormParams, film: Film | undefined): { a?: Tensor; b?: Tensor } {
  if (!film) return { ...(weight && { a: weight }), ...(bias && { b: bias }) };
  const gain = add(film.scale, 1);
  return {
    a: weight ? mul(weight, gain) : gain,
    b: bias ? add(mul(bias, gain), film.shift) : film.shift,
  };
}
