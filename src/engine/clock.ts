/** A source of time; passed as an argument wherever time matters, so that tests and simulators can supply their own. */
export interface Clock {
  /** Milliseconds since an arbitrary origin; never goes backwards. */
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: () => performance.now() };
