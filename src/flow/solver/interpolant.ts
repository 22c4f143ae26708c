/** A step from t to t + dt of some elements, with what is known about it. */
export interface Piece {
  readonly t: number;
  readonly dt: number;
  readonly from: Float64Array;
  readonly to: Float64Array;
  /** v at both ends; without them the interpolant is linear. */
  readonly slopes?: readonly [Float64Array, Float64Array];
  /** The state half-way, for the quartic. */
  readonly middle?: Float64Array;
}

/**
 * The state inside a step, at u = (time - t) / dt in [0, 1]: the quartic through both ends, both slopes and the
 * half-way state [shampine1986]; the cubic of Hermite without the half-way state; linear without slopes.
 */
export function interpolate({ t, dt, from, to, slopes, middle }: Piece, time: number): Float64Array {
  const u = (time - t) / dt;
  if (!slopes) return from.map((start, e) => start + u * (to[e]! - start));
  const [first, last] = slopes;
  const cubic = (e: number, v: number) =>
    (1 - v) ** 2 * ((1 + 2 * v) * from[e]! + v * dt * first[e]!) +
    v * v * ((3 - 2 * v) * to[e]! + (v - 1) * dt * last[e]!);
  // u^2 (1 - u)^2 vanishes at both ends with its slope, and is 1/16 half-way
  const bump = 16 * u * u * (1 - u) ** 2;
  return from.map((_, e) => cubic(e, u) + (middle ? bump * (middle[e]! - cubic(e, 0.5)) : 0));
}
