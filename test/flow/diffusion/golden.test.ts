import { describe, expect, test } from "vitest";
import type { NdArray } from "../../../src/engine/array/index.ts";
import {
  constant,
  declarations,
  interpret,
  interpretGraph,
  neg,
  type Tensor,
} from "../../../src/engine/tensor/index.ts";
import {
  type BetaScheduler,
  type DiffusionPrediction,
  ddim,
  ddpm,
  denoise,
  type FlowMatchOptions,
  flowMatchTimes,
  fromBetas,
  linearBetas,
  predictionOf,
  type Spacing,
  scaledLinearBetas,
  sigmoidBetas,
  spacedSteps,
  squaredCosineBetas,
  type Transition,
} from "../../../src/flow/diffusion/index.ts";
import { affine } from "../../../src/flow/path/index.ts";
import { euler, heun2, integrate, type Stepper } from "../../../src/flow/solver/index.ts";
import { double, expectClose, type GoldenArray, type GoldenCase, goldenFile } from "../../nn/golden-file.ts";
import { doubles } from "./cases.ts";

const { tolerance, cases } = goldenFile("diffusion_schedulers");
const casesOf = (op: string) => cases.filter(({ inputs }) => inputs.op === op);

interface Inputs extends Record<string, unknown> {
  readonly num_train_timesteps: number;
  readonly num_inference_steps: number;
  readonly beta_start: number;
  readonly beta_end: number;
  readonly beta_schedule: string;
  readonly prediction_type: string;
  readonly timestep: number;
  readonly sample: GoldenArray;
  readonly model_output: GoldenArray;
  readonly noise: GoldenArray;
}

const words: Readonly<Record<string, DiffusionPrediction>> = {
  epsilon: "noise",
  sample: "target",
  v_prediction: "v",
};

function schedulerOf({
  num_train_timesteps: steps,
  beta_start,
  beta_end,
  beta_schedule,
}: Inputs): BetaScheduler {
  const range = { first: beta_start, last: beta_end };
  const known: Readonly<Record<string, () => number[]>> = {
    linear: () => linearBetas(steps, range),
    scaled_linear: () => scaledLinearBetas(steps, range),
    squaredcos_cap_v2: () => squaredCosineBetas(steps),
    sigmoid: () => sigmoidBetas(steps, range),
  };
  return fromBetas(known[beta_schedule]!());
}

/** Compares every expected entry, by name; one that is not computed fails. */
function compare(expected: GoldenCase["expected"], got: Readonly<Record<string, NdArray>>): void {
  expect(Object.keys(got).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) {
    const want = Array.isArray(value) ? { shape: [value.length], data: value } : (value as GoldenArray);
    expectClose(got[name]!, want, tolerance);
  }
}

/** One transition of the respaced chain, with the file's prediction and noise. */
function transitionFrom(inputs: Inputs, transition: Transition, spacing: Spacing): Record<string, NdArray> {
  const scheduler = schedulerOf(inputs);
  const steps = spacedSteps({ of: scheduler.steps, count: inputs.num_inference_steps, spacing });
  const next = steps[steps.indexOf(inputs.timestep) + 1] ?? -1;
  const { draw, declared } = declarations();
  const { x, x1 } = denoise(() => constant(double(inputs.model_output)), constant(double(inputs.sample)), {
    scheduler,
    prediction: words[inputs.prediction_type]!,
    times: [scheduler.timeOf(inputs.timestep), scheduler.timeOf(next)],
    transition,
    draw,
    ...(inputs.clip_sample ? { clip: 1 } : {}),
  });
  const feeds = new Map<Tensor, NdArray>(declared.map((noise) => [noise, double(inputs.noise)]));
  const [prev_sample, pred_original_sample] = interpretGraph([x, x1], feeds);
  return {
    prev_sample: prev_sample!,
    pred_original_sample: pred_original_sample!,
    timesteps: doubles(steps),
  };
}

test("every golden case is checked below", () => {
  const ops = ["betas", "ddpm_step", "ddim_step", "add_noise", "flow_match_euler", "flow_match_heun"];
  expect(ops.map((op) => casesOf(op).length)).toEqual([4, 18, 8, 1, 7, 1]);
  expect(cases).toHaveLength(39);
  expect(cases.filter((golden) => "known_reference_bug" in golden)).toEqual([]);
});

describe("golden betas", () => {
  test.each(casesOf("betas"))("$name", ({ inputs, expected }) => {
    const { betas, alphaBars } = schedulerOf(inputs as unknown as Inputs);
    compare(expected, { betas: doubles(betas), alphas_cumprod: doubles(alphaBars) });
  });
});

describe("golden ddpm", () => {
  test.each(casesOf("ddpm_step"))("$name", ({ inputs, expected }) => {
    const variance = inputs.variance_type === "fixed_large" ? "large" : "small";
    compare(expected, transitionFrom(inputs as unknown as Inputs, ddpm({ variance }), "leading"));
  });
});

describe("golden ddim", () => {
  test.each(casesOf("ddim_step"))("$name", ({ inputs, expected }) => {
    const transition = ddim({ eta: inputs.eta as number });
    compare(
      expected,
      transitionFrom(inputs as unknown as Inputs, transition, inputs.timestep_spacing as Spacing),
    );
  });
});

test.each(casesOf("add_noise"))("golden $name", ({ inputs, expected }) => {
  const scheduler = schedulerOf(inputs as unknown as Inputs);
  const times = (inputs.timesteps as GoldenArray).data.map(scheduler.timeOf);
  const { noisy, velocity } = interpret(
    (x0: Tensor, x1: Tensor, t: Tensor) => ({
      noisy: affine(scheduler).sample({ x0, x1, t }).xt,
      velocity: predictionOf(scheduler, { x0, x1, t, to: "v" }),
    }),
    double(inputs.noise as GoldenArray),
    double(inputs.sample as GoldenArray),
    doubles(times),
  );
  compare(expected, { noisy, velocity });
});

/** Our times as the file's noise levels, and as its timesteps. */
const levelsOf = (times: readonly number[]) => times.map((t) => 1 - t);
const thousands = (levels: readonly number[]) => doubles(levels.map((n) => n * 1000));

/** A step with the file's derivatives by the noise level, which are the negative of velocities. */
function stepped(x: GoldenArray, times: readonly number[], solver: Stepper, outputs: readonly GoldenArray[]) {
  let calls = 0;
  const field = () => neg(constant(double(outputs[calls++]!)));
  const got = interpret((from: Tensor) => integrate(field, from, { times, solver }).x, double(x));
  expect(calls).toBe(outputs.length);
  return got;
}

describe("golden flow-match Euler", () => {
  interface Config {
    readonly shift?: number;
    readonly shift_terminal?: number;
    readonly use_karras_sigmas?: boolean;
    readonly use_exponential_sigmas?: boolean;
    readonly use_dynamic_shifting?: boolean;
    readonly invert_sigmas?: boolean;
  }
  const optionsOf = (config: Config, mu: number | null): FlowMatchOptions => ({
    shift: config.use_dynamic_shifting ? { mu: mu! } : (config.shift ?? 1),
    ...(config.shift_terminal ? { terminal: config.shift_terminal } : {}),
    ...(config.use_karras_sigmas ? { spacing: "karras" as const } : {}),
    ...(config.use_exponential_sigmas ? { spacing: "exponential" as const } : {}),
  });

  test.each(casesOf("flow_match_euler"))("$name", ({ inputs, expected }) => {
    const config = inputs.config as Config;
    const times = flowMatchTimes(
      inputs.num_inference_steps as number,
      optionsOf(config, inputs.mu as number | null),
    );
    // An inverted schedule is ours, read as noise levels: its samples go from data to noise.
    const levels = config.invert_sigmas ? times : levelsOf(times);
    const first = levelsOf(levels).slice(0, 2);
    compare(expected, {
      sigmas: doubles(levels),
      timesteps: thousands(levels.slice(0, -1)),
      first_step_prev_sample: stepped(inputs.sample as GoldenArray, first, euler, [
        inputs.model_output as GoldenArray,
      ]),
    });
  });
});

test.each(casesOf("flow_match_heun"))("golden $name", ({ inputs, expected }) => {
  const times = flowMatchTimes(inputs.num_inference_steps as number, { shift: inputs.shift as number });
  const doubled = levelsOf(times).flatMap((n, i) => (i === 0 || i === times.length - 1 ? [n] : [n, n]));
  const all = inputs.model_outputs as GoldenArray;
  const outputs = [0, 1, 2].map((i) => ({ shape: [2, 3], data: all.data.slice(6 * i, 6 * i + 6) }));
  const start = inputs.sample as GoldenArray;
  const guess = stepped(start, times.slice(0, 2), euler, outputs.slice(0, 1));
  const corrected = stepped(start, times.slice(0, 2), heun2, outputs.slice(0, 2));
  const second = stepped(
    { shape: corrected.shape, data: [...corrected.data] },
    times.slice(1, 3),
    euler,
    outputs.slice(2),
  );
  compare(expected, {
    sigmas: doubles(doubled),
    timesteps: thousands(doubled.slice(0, -1)),
    samples_after_each_call: doubles([...guess.data, ...corrected.data, ...second.data], [3, 2, 3]),
  });
});
