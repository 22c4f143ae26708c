import { describe, expect, test } from "vitest";
import { array, ndarray, zeros } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { random, spec } from "../../../src/engine/runtime/index.ts";
import {
  constant,
  type Draw,
  declarations,
  interpret,
  interpretGraph,
  mul,
  type Tensor,
} from "../../../src/engine/tensor/index.ts";
import { type DiffusionMatchingOptions, diffusionMatching } from "../../../src/flow/diffusion/index.ts";
import { flowMatching } from "../../../src/flow/matching/index.ts";
import { affine, condOT, type Scheduler, uniformTime } from "../../../src/flow/path/index.ts";
import { trainer } from "../../../src/train/index.ts";
import { doubles, linear, perfect, squaredCosine } from "./cases.ts";

const predictions = ["noise", "target", "velocity", "v"] as const;
const x0 = doubles([1, 0, -1, 0.5, 2, -2], [3, 2]);
const x1 = doubles([0.5, -1, 2, 0.25, 1, -0.5], [3, 2]);
const at = doubles([0.2, 0.5, 0.8]);
type Given = { x0: Tensor; x1: Tensor; at: Tensor };

function lossOf(
  options: DiffusionMatchingOptions,
  network: (x: Tensor, t: Tensor) => Tensor,
  given = { x0, x1, at },
) {
  const loss = diffusionMatching(options);
  return interpret((pairs: Given) => loss(network, pairs, declarations().draw), given).data[0]!;
}

const zero = (x: Tensor) => mul(x, 0);

describe.each(predictions)("the loss of %s", (prediction) => {
  test("is 0 for the perfect network of the one data point there is, and not for another", () => {
    const given = { x0, x1: doubles(new Array(6).fill(0.7), [3, 2]), at };
    const options = { scheduler: squaredCosine, prediction };
    const of = (std: number) =>
      lossOf(options, perfect({ mean: 0.7, std }, squaredCosine, prediction), given);
    expect(of(0)).toBeLessThan(1e-12);
    expect(of(0.5)).toBeGreaterThan(1e-3);
  });
});

test("the simple loss is the mean square of what is missing of the noise, and the default", () => {
  expect(lossOf({ scheduler: linear }, zero)).toBeCloseTo((1 + 0 + 1 + 0.25 + 4 + 4) / 6, 12);
});

test("v is alpha x0 - sigma x1", () => {
  const { alpha, sigma } = interpret((t: Tensor) => linear.at(t), at);
  const squares = Array.from(x0.data, (noise, i) => {
    const row = Math.floor(i / 2);
    return (alpha.data[row]! * noise - sigma.data[row]! * x1.data[i]!) ** 2;
  });
  const mean = squares.reduce((a, b) => a + b) / 6;
  expect(lossOf({ scheduler: linear, prediction: "v" }, zero)).toBeCloseTo(mean, 12);
});

test("the word velocity makes it flow matching on the same path", () => {
  const network = (x: Tensor) => mul(x, 0.3);
  const flow = flowMatching({ path: affine(squaredCosine) });
  const want = interpret((pairs: Given) => flow(network, pairs, declarations().draw), { x0, x1, at });
  expect(lossOf({ scheduler: squaredCosine, prediction: "velocity" }, network)).toBe(want.data[0]);
});

test("trains at the levels of a discrete diffusion unless told otherwise, and elsewhere at any time", () => {
  const seen = (options: DiffusionMatchingOptions) => {
    const { draw, declared } = declarations();
    let times: Tensor | undefined;
    const network = (x: Tensor, t: Tensor) => {
      times = t;
      return x;
    };
    diffusionMatching(options)(network, { x0: constant(x0, "float32"), x1: constant(x1, "float32") }, draw);
    const uniform = declared.find(({ attributes }) => attributes.name === "time")!;
    return [
      ...interpretGraph([times!], new Map([[uniform as Tensor, doubles([0.123, 0.456, 0.789])]]))[0]!.data,
    ];
  };
  expect(seen({ scheduler: linear })).toEqual([0.12, 0.45, 0.78].map((t) => expect.closeTo(t, 12)));
  expect(seen({ scheduler: linear, time: uniformTime })).toEqual([0.123, 0.456, 0.789]);
  expect(seen({ scheduler: condOT })).toEqual([0.123, 0.456, 0.789]);
});

test("takes weights and conditions as flow matching does", () => {
  const weight = (t: Tensor) => mul(t, 2);
  const noise = Array.from(x0.data, (value) => value ** 2);
  const want = [0.4, 1, 1.6].reduce(
    (total, w, i) => total + (w * (noise[2 * i]! + noise[2 * i + 1]!)) / 6,
    0,
  );
  expect(lossOf({ scheduler: linear, weight }, zero)).toBeCloseTo(want, 12);
  const loss = diffusionMatching({ scheduler: linear });
  const shifted = interpret(
    (pairs: Given, condition: Tensor) =>
      loss((x, _, c: Tensor) => zero(x).add(c), { ...pairs, condition }, declarations().draw),
    { x0, x1, at },
    x0,
  );
  expect(shifted.data[0]).toBe(0);
});

/** The best slope of a linear network for the noise at t: E[x0 xt] / E[xt^2] = sigma / (alpha^2 s^2 + sigma^2). */
function bestSlope(scheduler: Scheduler, { t, std }: { t: number; std: number }): number {
  const { alpha, sigma } = interpret((time: Tensor) => scheduler.at(time), doubles([t]));
  return sigma.data[0]! / (alpha.data[0]! ** 2 * std ** 2 + sigma.data[0]! ** 2);
}

test("a trainer learns the noise of its data's path from it", async () => {
  const [batch, std] = [256, 0.5];
  const data = ndarray(
    Float32Array.from({ length: batch }, (_, i) => (i % 2 === 0 ? std : -std)),
    [batch, 1],
  );
  const time = { name: "middle", sample: (draw: Draw) => mul(draw.uniform("time", [batch]), 0).add(0.5) };
  const objective = diffusionMatching({ scheduler: linear, time });
  using training = await trainer({
    params: { slope: zeros([1]) },
    loss: ({ slope }: { slope: Tensor }, data: Tensor, draw: Draw) =>
      objective((x) => mul(x, slope), { x1: data }, draw),
    signature: [spec([batch, 1]), random],
    learningRate: (step) => 0.05 / (1 + step / 40),
    optimizer: { weightDecay: 0 },
  });
  for (let i = 0; i < 300; i++) await training.step(data, key("diffusion").fold(i));
  const learned = training.snapshot().params.slope.data[0]!;
  expect(Math.abs(learned / bestSlope(linear, { t: 0.5, std }) - 1)).toBeLessThan(0.03);
});

test("refuses a network of another shape, which would broadcast, and the score", () => {
  const given = constant(array([[1, 2]]));
  const wrong = (x: Tensor) => x.sum({ axes: 1, keepDims: true });
  const loss = diffusionMatching({ scheduler: linear });
  expect(() => loss(wrong, { x1: given }, declarations().draw)).toThrow(
    "a network that returns the shape of x, [1,2]",
  );
  expect(() => diffusionMatching({ scheduler: linear, prediction: "score" as "noise" })).toThrow("got score");
});
