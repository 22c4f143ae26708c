import { rungeKutta } from "./stepper.ts";

/** x' = x + dt v(x, t). */
export const euler = rungeKutta({ name: "euler", order: 1, a: [[]], b: [1], c: [0] });

/** One Euler half-step, then a whole step with the slope found there. */
export const midpoint = rungeKutta({
  name: "midpoint",
  order: 2,
  a: [[], [1 / 2]],
  b: [0, 1],
  c: [0, 1 / 2],
});

/** The trapezoidal rule with Euler's prediction of the end. */
export const heun2 = rungeKutta({ name: "heun2", order: 2, a: [[], [1]], b: [1 / 2, 1 / 2], c: [0, 1] });

/** The two-stage method of least error bound [ralston1962]. */
export const ralston = rungeKutta({
  name: "ralston",
  order: 2,
  a: [[], [2 / 3]],
  b: [1 / 4, 3 / 4],
  c: [0, 2 / 3],
});

/** Heun's third-order method [heun1900]. */
export const heun3 = rungeKutta({
  name: "heun3",
  order: 3,
  a: [[], [1 / 3], [0, 2 / 3]],
  b: [1 / 4, 0, 3 / 4],
  c: [0, 1 / 3, 2 / 3],
});

/** The classic method of Kutta [kutta1901]. */
export const rk4 = rungeKutta({
  name: "rk4",
  order: 4,
  a: [[], [1 / 2], [0, 1 / 2], [0, 0, 1]],
  b: [1 / 6, 1 / 3, 1 / 3, 1 / 6],
  c: [0, 1 / 2, 1 / 2, 1],
});

/** Kutta's 3/8 rule [kutta1901]; torchdiffeq calls this one rk4. */
export const rk4ThreeEighths = rungeKutta({
  name: "rk4ThreeEighths",
  order: 4,
  a: [[], [1 / 3], [-1 / 3, 1], [1, -1, 1]],
  b: [1 / 8, 3 / 8, 3 / 8, 1 / 8],
  c: [0, 1 / 3, 2 / 3, 1],
});
