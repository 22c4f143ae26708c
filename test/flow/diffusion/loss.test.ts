import { expect, test } from "vitest";
import { array, ndarray, zeros } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { random, spec } from "../../../src/engine/runtime/index.ts";
import {
  constant,
  type Draw,
  declarations,
  interpretGraph,
  mul,
  type Tensor,
} from "../../../src/engine/tensor/index.ts";
import { diffusionLoss, levelTime } from "../../../src/flow/diffusion/index.ts";
import { coefficientsAt, condOT, uniformTime } from "../../../src/flow/path/index.ts";
import { trainer } from "../../../src/train/index.ts";
import { doubles, linear, perfect, predictions, squaredCosine } from "./cases.ts";

const data = doubles([0.5, -1, 2, 0.25, 1, -0.5], [3, 2]);
/** The draws called time and noise, and what the loss makes of them. */
function lossOf(fn: (draw: Draw) => Tensor, times: readonly number[], noise = [1, 0, -1, 0.5, 2, -2]) {
  const { draw, declared } = declarations();
  const loss = fn(draw);
  expect(declared.map((input) => input.attributes.name)).toEqual(["time", "noise"]);
  const feeds = new Map([
    [declared[0]! as Tensor, doubles(times)],
    [declared[1]! as Tensor, doubles(noise, [3, 2])],
  ]);
  return interpretGraph([loss], feeds)[0]!.data[0]!;
}

test.each(predictions)(
  "is 0 for a network that knows the one data point there is, and learns %s",
  (prediction) => {
    const point = { mean: 0.7, std: 0 };
    const loss = (std: number) =>
      lossOf(
        (draw) =>
          diffusionLoss(perfect({ ...point, std }, squaredCosine, prediction), {
            x1: constant(doubles(new Array(6).fill(0.7), [3, 2]), "float32"),
            draw,
            scheduler: squaredCosine,
            prediction,
          }),
        [0.2, 0.5, 0.8],
      );
    expect(loss(0)).toBeLessThan(1e-12);
    expect(loss(0.5)).toBeGreaterThan(1e-3);
  },
);

test("the simple loss is the mean square of what is missing of the noise", () => {
  const loss = lossOf(
    (draw) => diffusionLoss((x) => mul(x, 0), { x1: constant(data, "float32"), draw, scheduler: linear }),
    [0.1, 0.4, 0.7],
  );
  expect(loss).toBeCloseTo((1 + 0 + 1 + 0.25 + 4 + 4) / 6, 12);
});

test("changing the word to velocity trains the flow of the same path, at the same times", () => {
  const times = [0.1, 0.4, 0.7];
  const seen: Tensor[] = [];
  const network = (x: Tensor, t: Tensor) => {
    seen.push(t);
    return mul(x, 0);
  };
  const loss = lossOf(
    (draw) =>
      diffusionLoss(network, {
        x1: constant(data, "float32"),
        draw,
        scheduler: condOT,
        prediction: "velocity",
      }),
    times,
  );
  const noise = [1, 0, -1, 0.5, 2, -2];
  const mean = noise.reduce((total, value, i) => total + (data.data[i]! - value) ** 2, 0) / 6;
  expect(loss).toBeCloseTo(mean, 12);
  expect(seen[0]!.shape).toEqual([3]);
});

test("trains at the levels of a discrete diffusion, all alike, unless told otherwise", () => {
  const counts = new Map<number, number>();
  const { draw, declared } = declarations();
  const t = levelTime(4).sample(draw, [8]);
  const u = Array.from({ length: 8 }, (_, i) => i / 8);
  for (const value of interpretGraph([t], new Map([[declared[0]! as Tensor, doubles(u)]]))[0]!.data) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  expect([...counts]).toEqual([0, 0.25, 0.5, 0.75].map((level) => [level, 2]));
  const timesSeen = (time: object) => {
    let found: Tensor | undefined;
    const run = (d: Draw) => {
      diffusionLoss(
        (x, at) => {
          found = at;
          return x;
        },
        { x1: constant(data, "float32"), draw: d, scheduler: linear, ...time },
      );
      return found!;
    };
    return [...drawnTimes(run)];
  };
  expect(timesSeen({}).every((time) => Math.abs(time * 100 - Math.round(time * 100)) < 1e-4)).toBe(true);
  expect(timesSeen({ time: uniformTime })).toEqual([0.123, 0.456, 0.789]);
});

function drawnTimes(run: (draw: Draw) => Tensor): Float64Array {
  const { draw, declared } = declarations();
  const t = run(draw);
  return interpretGraph([t], new Map([[declared[0]! as Tensor, doubles([0.123, 0.456, 0.789])]]))[0]!.data;
}

test("a trainer learns the noise of a Gaussian's path from it", async () => {
  const batch = 256;
  const flat = ndarray(new Float32Array(batch).fill(0), [batch, 1]);
  const scale = 0.5;
  flat.data.forEach((_, i) => {
    flat.data[i] = i % 2 === 0 ? scale : -scale;
  });
  const time = { name: "middle", sample: (draw: Draw) => mul(draw.uniform("time", [batch]), 0).add(0.5) };
  using training = await trainer({
    params: { slope: zeros([1]) },
    loss: ({ slope }: { slope: Tensor }, x1: Tensor, draw: Draw) =>
      diffusionLoss((x) => mul(x, slope), { x1, draw, scheduler: linear, time }),
    signature: [spec([batch, 1]), random],
    learningRate: (step) => 0.05 / (1 + step / 40),
    optimizer: { weightDecay: 0 },
  });
  for (let i = 0; i < 300; i++) await training.step(flat, key("diffusion").fold(i));
  const { alpha, sigma } = levelAtHalf();
  const best = sigma / (alpha ** 2 * scale ** 2 + sigma ** 2);
  expect(training.snapshot().params.slope.data[0]! / best).toBeCloseTo(1, 1);
});

function levelAtHalf(): { alpha: number; sigma: number } {
  const x = constant(doubles([0], [1, 1]));
  const { alpha, sigma } = coefficientsAt("test", linear, { x, t: constant(doubles([0.5])) });
  const [a, s] = interpretGraph([alpha, sigma], new Map());
  return { alpha: a!.data[0]!, sigma: s!.data[0]! };
}

test("refuses a network of another shape, which would broadcast", () => {
  const { draw } = declarations();
  const x1 = constant(
    array([
      [1, 2],
      [3, 4],
    ]),
  );
  const wrong = (x: Tensor) => x.sum({ axes: 1, keepDims: true });
  expect(() => diffusionLoss(wrong, { x1, draw, scheduler: linear })).toThrow(
    "diffusionLoss: expected a network",
  );
  expect(() => levelTime(0)).toThrow("levelTime");
});
