import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import type { Walk } from "./method/index.ts";
import type { PolicySession, SessionRequest } from "./policy.ts";

export interface ChunkSessionRequest {
  readonly request: SessionRequest;
  readonly walk: Walk;
  /** [draws, conditionSize] */
  readonly condition: NdArray;
  /** [draws, horizon, dimensions] */
  readonly shape: readonly [number, number, number];
  /** Noise, unless the request brings its x. */
  readonly start: () => NdArray;
  /** One chunk in its units. */
  readonly decode: (x: Float32Array) => NdArray<"float32">;
}

/** Steps from noise to chunks, one at a time. Throws "option" for times that are none, "shape" for another x. */
export function chunkSession(given: ChunkSessionRequest): PolicySession {
  const { request, walk, condition, shape, decode } = given;
  const { times = walk.times, keys } = request;
  checkTimes(times, request.x ? 1 : walk.times[0]!);
  let x = request.x ? checked(request.x, shape) : given.start();
  let count = 0;
  const size = shape[1] * shape[2];
  return {
    times: [...times],
    get stepCount() {
      return count;
    },
    get done() {
      return count === times.length - 1;
    },
    get x() {
      return copied(x);
    },
    replace(other) {
      x = checked(other, shape);
    },
    async step() {
      if (count >= times.length - 1) throw finished(times.length - 1);
      const [from, to] = [times[count]!, times[count + 1]!];
      const found = await walk.step({ x, from, to, index: count, condition, keys });
      x = found.x;
      count++;
      return { endpoint: copied(found.endpoint) };
    },
    actions: () => keys.map((_, i) => decode(x.data.subarray(i * size, (i + 1) * size) as Float32Array)),
  };
}

const copied = ({ data, shape }: NdArray): NdArray<"float32"> =>
  ndarray(Float32Array.from(data as Float32Array), shape);

function checked(x: NdArray, shape: readonly number[]): NdArray<"float32"> {
  const fits = `${x.shape}` === `${shape}`;
  const finite = fits && x.data.every((value: number) => Number.isFinite(value));
  if (finite) return copied(x);
  throw new AdvectError(fits ? "numerical" : "shape", "policy.session", {
    expected: `x of shape [${shape}], finite, normalised`,
    got: fits ? "numbers that are not finite" : `[${x.shape}]`,
  });
}

/** `latest`: what the first time may be. */
function checkTimes(times: readonly number[], latest: number): void {
  const rising = times.every((t, i) => t >= 0 && t <= 1 && (i === 0 || t > times[i - 1]!));
  if (times.length < 2 || !rising) {
    throw new AdvectError("option", "policy.session", {
      expected: "at least two times that rise within [0, 1]",
      got: [...times],
    });
  }
  if (times[0]! <= latest) return;
  throw new AdvectError("option", "policy.session", {
    expected: "an x to begin with, as times begin later than at the noise",
    got: `a first time of ${times[0]} and no x`,
  });
}

function finished(steps: number): AdvectError {
  return new AdvectError("option", "policy.session", {
    expected: `at most ${steps} steps`,
    got: "one more",
    fix: "actions() has the chunks.",
  });
}
