/** What one number of an action means, and how far it may go. */
export interface ActionDimension {
  readonly name: string;
  /**
   * Decides the safe action: a `position` is held, a `delta` or a `velocity` runs down to 0 within its limits, and for a
   * `torque` only the user knows one.
   */
  readonly kind: "position" | "delta" | "velocity" | "torque";
  /** Such as "px", "rad", "m/s". */
  readonly unit: string;
  /** The range of commands, low < high, in units. */
  readonly low: number;
  readonly high: number;
  /** The largest change of the command, > 0, in units per second. No limit unless given. */
  readonly maxRate?: number;
  /** The largest change of that rate, > 0, in units per second squared. No limit unless given. */
  readonly maxAcceleration?: number;
}
