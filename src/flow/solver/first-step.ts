import type { AdaptiveControl } from "./control.ts";
import { combine, type System } from "./system.ts";

export interface Start {
  readonly x: Float64Array;
  readonly slope: Float64Array;
  readonly t: Float64Array;
  readonly direction: number;
  readonly order: number;
}

/**
 * A first step size for each group whose error should be near the tolerance, from one more evaluation: with
 * d0 = |x|, d1 = |v|, d2 = |v' - v| / h0 after an Euler step of h0 = d0 / (100 d1), it is
 * min(100 h0, (0.01 / max(d1, d2))^(1 / order)) [hairer1993, II.4].
 */
export async function firstStep(
  system: System,
  control: AdaptiveControl,
  { x, slope, t, direction, order }: Start,
): Promise<Float64Array> {
  const scale = x.map((value) => control.absolute + control.relative * Math.abs(value));
  const sizes = (values: Float64Array) =>
    control.norm.measure(
      values.map((value, e) => value / scale[e]!),
      system.batch,
    );
  const [d0, d1] = [sizes(x), sizes(slope)];
  const h0 = d0.map((size, g) => (size < 1e-5 || d1[g]! < 1e-5 ? 1e-6 : (0.01 * size) / d1[g]!));
  const dt = h0.map((h) => direction * h);
  const moved = combine(x, [slope], { weights: [1], dt, width: system.width });
  const after = await system.evaluate(
    moved,
    t.map((start, g) => start + dt[g]!),
  );
  const d2 = sizes(after.map((value, e) => value - slope[e]!)).map((size, g) => size / h0[g]!);
  return h0.map((h, g) => {
    const steepest = Math.max(d1[g]!, d2[g]!);
    const h1 = steepest <= 1e-15 ? Math.max(1e-6, h * 1e-3) : (0.01 / steepest) ** (1 / order);
    return Math.min(100 * h, Number.isFinite(h1) ? h1 : h);
  });
}
