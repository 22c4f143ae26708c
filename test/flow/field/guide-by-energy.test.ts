import { expect, test } from "vitest";
import { add, div, input, interpret, mul, sub, sum, type Tensor } from "../../../src/engine/tensor/index.ts";
import { guideByEnergy } from "../../../src/flow/field/index.ts";
import { asVelocity, condOT, cosine, type Scheduler, scoreWeight } from "../../../src/flow/path/index.ts";
import { sample } from "../../helpers/gradcheck.ts";
import { doubles, schedulers } from "../path/cases.ts";

const deviation = 0.6;

/** E[x1 | xt = x] for data N(mean, deviation^2), and its derivative by x. */
function posterior(scheduler: Scheduler, mean: number) {
  const gain = (t: Tensor) => {
    const { alpha, sigma } = scheduler.at(t);
    const spread = mul(alpha, deviation ** 2);
    return div(spread, add(mul(spread, alpha), mul(sigma, sigma)));
  };
  const at = (x: Tensor, t: Tensor) => add(mul(gain(t), sub(x, mul(scheduler.at(t).alpha, mean))), mean);
  return { gain, field: asVelocity(at, { scheduler, prediction: "target" }) };
}

test.each(schedulers)(
  "tilting Gaussian data by exp(-c x1) moves its mean by -c variance, under $name",
  (scheduler) => {
    const c = 1.4;
    const { gain, field } = posterior(scheduler, 1.3);
    // -log E[exp(-c x1) | xt = x] is c E[x1 | xt = x] up to a constant.
    const energy = (x: Tensor, t: Tensor) => mul(mul(gain(t), x), c);
    const guided = guideByEnergy(field, { energy, scale: (t) => scoreWeight(scheduler, t) });
    const tilted = posterior(scheduler, 1.3 - c * deviation ** 2).field;
    const [x, t] = [doubles([0.4, -1, 2, 0]), doubles([0.1, 0.4, 0.7, 0.95])];
    const [got, want, plain] = [guided, tilted, field].map((f) => interpret(f, x, t).data);
    got!.forEach((v, i) => expect(v).toBeCloseTo(want![i]!, 8));
    expect(Math.abs(got![1]! - plain![1]!)).toBeGreaterThan(0.05);
  },
);

test("subtracts the scaled gradient of every sample's own energy", () => {
  const energy = (x: Tensor) => sum(mul(mul(x, x), x), { axes: 1 });
  const x = sample([3, 2], 1);
  const v = interpret(
    guideByEnergy((y) => y, { energy, scale: 0.5 }),
    x,
    doubles([0, 0.5, 1]),
  );
  v.data.forEach((value, i) => expect(value).toBeCloseTo(x.data[i]! - 1.5 * x.data[i]! ** 2, 12));
});

test("an energy that does not depend on x changes nothing", () => {
  const guided = guideByEnergy((y) => y, { energy: (_, t) => t, scale: 2 });
  const x = sample([2, 3], 1);
  expect([...interpret(guided, x, doubles([0.1, 0.2])).data]).toEqual([...x.data]);
});

test("energies that are not one per sample, and endless scales, are refused", () => {
  const tensor = (shape: number[]) => input("x", { shape, dtype: "float32" });
  const guided = (energy: (x: Tensor) => Tensor) => guideByEnergy((y) => y, { energy, scale: 1 });
  const call = (energy: (x: Tensor) => Tensor) => () => guided(energy)(tensor([4, 2]), tensor([4]));
  expect(call((x) => sum(x))).toThrow(
    "guideByEnergy: expected an energy for each sample, [4], got []. Sum it over",
  );
  expect(call((x) => sum(x, { axes: 0 }))).toThrow("guideByEnergy");
  expect(() => guideByEnergy((y) => y, { energy: (y) => sum(y), scale: Number.POSITIVE_INFINITY })).toThrow(
    "a finite scale",
  );
  expect([condOT, cosine].map((s) => scoreWeight(s, tensor([4])).shape)).toEqual([[4], [4]]);
});
