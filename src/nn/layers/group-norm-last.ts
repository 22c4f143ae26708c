import {
  add,
  expand,
  mean,
  mul,
  recip,
  reshape,
  sqrt,
  sub,
  sum,
  type Tensor,
} from "../../engine/tensor/index.ts";

export interface GroupNormLast {
  readonly groups: number;
  readonly epsilon: number;
  /** [channels] or [batch, channels] */
  readonly a?: Tensor;
  readonly b?: Tensor;
}

/**
 * (x - mean) / sqrt(var + epsilon) a + b over the places and channels of each group, for x [batch, ...places, channels].
 * Channels are centred first and their moments combined to those of groups on small tensors, so that all factors meet in
 * one scale and one shift: y = (x - channel mean) scale + shift. That is six passes over x where the textbook needs ten,
 * and centring before squaring keeps the digits of a large mean.
 */
export function groupNormLast(x: Tensor, { groups, epsilon, a, b }: GroupNormLast): Tensor {
  const batch = x.shape[0]!;
  const channels = x.shape.at(-1)!;
  const rows = reshape(x, [batch, -1, channels]);
  const byGroup = (v: Tensor) => reshape(v, [-1, groups, channels / groups]);
  const channelMean = mean(rows, { axes: 1, keepDims: true });
  const centred = sub(rows, channelMean);
  const squares = sum(mul(centred, centred), { axes: 1 });

  const means = byGroup(channelMean);
  const offset = sub(means, mean(means, { axes: 2, keepDims: true }));
  const within = mul(
    sum(byGroup(squares), { axes: 2, keepDims: true }),
    groups / (rows.shape[1]! * channels),
  );
  const between = mean(mul(offset, offset), { axes: 2, keepDims: true });
  const rstd = recip(sqrt(add(add(within, between), epsilon)));

  const scale = a ? mul(rstd, byGroup(a)) : expand(rstd, offset.shape);
  const shift = b ? add(mul(offset, scale), byGroup(b)) : mul(offset, scale);
  const perChannel = (v: Tensor) => reshape(v, [batch, 1, channels]);
  return reshape(add(mul(centred, perChannel(scale)), perChannel(shift)), x.shape);
}
