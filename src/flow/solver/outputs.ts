import { AdvectError } from "../../engine/error.ts";
import { interpolate, type Piece } from "./interpolant.ts";
import type { Run } from "./run.ts";

/** What a solve remembers of its way: the states at the asked times and, if dense, every step. */
export interface Outputs {
  readonly states: readonly Float64Array[];
  /** How many of the times all groups have reached. */
  reached(): number;
  /** Whether the step of a group that ends at `arrival` must be known inside. */
  inside(group: number, arrival: number): boolean;
  /** Adds the accepted step of a group that ends at `arrival`. */
  add(group: number, piece: Piece, arrival: number): void;
  at(time: number): Float64Array;
}

export function outputs(run: Run, times: readonly number[], dense: boolean): Outputs {
  const { groups, width } = run.system;
  const states = times.map(() => new Float64Array(run.x.length).fill(Number.NaN));
  states[0]!.set(run.x);
  const next = new Array<number>(groups).fill(1);
  const pieces = Array.from({ length: groups }, (): Piece[] => []);
  const forward = times.at(-1)! > times[0]!;
  const before = (a: number, b: number) => (forward ? a < b : a > b);
  return {
    states,
    reached: () => Math.min(...next),
    inside: (g, arrival) => dense || (next[g]! < times.length && before(times[next[g]!]!, arrival)),
    add(g, piece, arrival) {
      if (dense) pieces[g]!.push(piece);
      for (; next[g]! < times.length && !before(arrival, times[next[g]!]!); next[g]!++) {
        const time = times[next[g]!]!;
        states[next[g]!]!.set(time === arrival ? piece.to : interpolate(piece, time), g * width);
      }
    },
    at(time) {
      const state = new Float64Array(run.x.length);
      pieces.forEach((list, g) => {
        const piece = list.find(({ t, dt }) => !before(time, t) && !before(t + dt, time)) ?? missing(time);
        state.set(interpolate(piece, time), g * width);
      });
      return state;
    },
  };
}

function missing(time: number): never {
  throw new AdvectError("option", "report.at", {
    expected: "a time that all samples reached, of a solve with dense: true",
    got: time,
  });
}
