import { AdvectError } from "../../engine/error.ts";
import {
  add,
  cast,
  type Draw,
  filled,
  isConstant,
  jvp,
  less,
  maximum,
  mean,
  minimum,
  mul,
  pow,
  recip,
  stopGradient,
  sub,
  sum,
  type Tensor,
  uniformValue,
  where,
} from "../../engine/tensor/index.ts";
import { alongEvent } from "../field/index.ts";
import { affine, condOT, type Path, type TimeSampler, uniformTime } from "../path/index.ts";
import type { AverageVelocity, Interval } from "./jump.ts";
import { answered, checkOptions, endsOf, type GivenPairs, type MatchingLoss } from "./pairs.ts";

export interface MeanFlowOptions {
  /** Default: affine(condOT). */
  readonly path?: Path;
  /** Of both ends of the interval, which are then put in order. Default: uniformTime. */
  readonly time?: TimeSampler;
  /** The share of samples with to = from, which learn the velocity itself; in [0, 1], default 0.75. */
  readonly instant?: number;
  /**
   * Squared errors e, summed over the event, are divided by (e + offset)^power, which is constant for the gradient; >= 0,
   * default 0. The paper takes 1 for images; in a few dimensions that pulls the samples to where data crowd.
   */
  readonly power?: number;
  /** > 0; default 1e-3. */
  readonly offset?: number;
}

/** The trainer's loss, and the mean squared error to watch: at power 1 the loss is near 1 whatever the error is. */
export interface MeanFlowLoss {
  readonly loss: Tensor;
  readonly metrics: { readonly squaredError: Tensor };
}

/**
 * Learns the average velocity from the mean flow identity, without a teacher [geng2025]: the squared distance to
 * `meanFlowTarget`, summed over the event; weights as `power` says. A given `at` is the interval; its `from` must not be
 * constant. Throws "option" here; the loss throws "shape", and "unsupported" for a constant `from`.
 */
export function meanFlow(options: MeanFlowOptions = {}): MatchingLoss<Interval, Tensor, MeanFlowLoss> {
  const { path = affine(condOT), instant = 0.75, power = 0, offset = 1e-3, time = uniformTime } = options;
  checkOptions("meanFlow", {
    instant: [instant, instant >= 0 && instant <= 1, "in [0, 1]"],
    power: [power, power >= 0, ">= 0"],
    offset: [offset, offset > 0, "> 0"],
  });
  return <C>(
    network: (x: Tensor, interval: Interval, condition: C) => Tensor,
    pairs: GivenPairs<C, Interval>,
    draw: Draw,
  ): MeanFlowLoss => {
    const ends = endsOf("meanFlow", pairs, draw);
    const interval = pairs.at ?? drawnInterval(pairs.x1, { time, instant, draw });
    const { xt, velocity } = path.sample({ ...ends, t: interval.from });
    const average: AverageVelocity = (x, span) => network(x, span, pairs.condition as C);
    const { value, target } = meanFlowTarget(average, { x: xt, velocity, interval });
    const error = sub(value, target);
    const square = sum(mul(error, error), { axes: error.shape.map((_, axis) => axis).slice(1) });
    const weight = recip(pow(add(stopGradient(square), offset), power));
    return { loss: mean(mul(square, weight)), metrics: { squaredError: mean(square) } };
  };
}

/** The network's value, and what it should be; `slope` is du/dt along the flow. All of the shape of x. */
export interface MeanFlowTarget {
  readonly value: Tensor;
  readonly slope: Tensor;
  readonly target: Tensor;
}

/**
 * u = v + (to - from) du/dt with du/dt = (du/dx) v + du/dfrom, the derivative of (to - from) u by `from` along the flow
 * [geng2025, Eq. 6, with time from noise to data]. velocity: that of the marginal field, or of a path through x, whose
 * mean it is. No gradient passes through the target. Throws as `meanFlow`.
 */
export function meanFlowTarget(
  average: AverageVelocity,
  { x, velocity, interval }: { readonly x: Tensor; readonly velocity: Tensor; readonly interval: Interval },
): MeanFlowTarget {
  checkVariable(x, interval.from);
  const from = stopGradient(interval.from); // x is built from interval.from: without the stop, its part would count twice
  const value = answered("meanFlow", average(x, { from, to: interval.to }), x);
  const tangents = [velocity, filled(from.shape, 1, from.dtype)];
  const [slope] = jvp({ outputs: [value], wrt: [x, from], tangents }) as [Tensor];
  const length = alongEvent("meanFlow", sub(interval.to, from), x);
  return { value, slope, target: stopGradient(add(velocity, mul(slope, length))) };
}

function drawnInterval(
  x1: Tensor,
  { time, instant, draw }: { readonly time: TimeSampler; readonly instant: number; readonly draw: Draw },
): Interval {
  const shape = x1.shape.slice(0, 1);
  const a = cast(time.sample(draw.fold("from"), shape), x1.dtype);
  const b = cast(time.sample(draw.fold("to"), shape), x1.dtype);
  const from = minimum(a, b);
  return { from, to: where(less(draw.uniform("instant", shape), instant), from, maximum(a, b)) };
}

function checkVariable(x: Tensor, from: Tensor): void {
  const fixed = (tensor: Tensor) => isConstant(tensor) || uniformValue(tensor) !== undefined;
  if (!fixed(x) && !fixed(from)) return;
  throw new AdvectError("unsupported", "meanFlow", {
    expected: "x and from that vary, since the network is differentiated by both",
    got: `a constant ${fixed(x) ? "x" : "from"}`,
    fix: "Make it an argument of the compiled function, or draw it.",
  });
}
