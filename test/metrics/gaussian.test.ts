import { expect, test } from "vitest";
import { gaussianMixture } from "../../src/data/index.ts";
import { array, ndarray } from "../../src/engine/array/index.ts";
import { key } from "../../src/engine/random/index.ts";
import { fitGaussian, gaussianEntropy, gaussianNll } from "../../src/metrics/index.ts";

const covariance: readonly [number, number, number] = [2, 0.6, 0.5];
const truth = {
  mean: ndarray(Float64Array.of(1, -2), [2]),
  covariance: ndarray(Float64Array.of(2, 0.6, 0.6, 0.5), [2, 2]),
};
const distribution = gaussianMixture([{ mean: [1, -2], covariance }]);

test("the negative log-likelihood is the mean of minus the log-density, with its standard error", () => {
  const x = distribution.sample(key("nll"), 500);
  const logs = [...distribution.logDensity!(x).data];
  const mean = logs.reduce((a, b) => a + b, 0) / 500;
  const { value, stdError } = gaussianNll(truth, x);
  expect(value).toBeCloseTo(-mean, 10);
  const spread = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / 499;
  expect(stdError).toBeCloseTo(Math.sqrt(spread / 500), 10);
  expect(Math.abs(value - gaussianEntropy(truth))).toBeLessThan(5 * stdError);
});

test("its floor is the entropy, ln(2 pi e) + ln(det) / 2 in the plane", () => {
  const expected = Math.log(2 * Math.PI * Math.E) + Math.log(2 * 0.5 - 0.36) / 2;
  expect(gaussianEntropy(truth)).toBeCloseTo(expected, 12);
  expect(distribution.entropy).toBeCloseTo(expected, 12);
});

test("a fit has the mean and the unbiased covariance of rows, by hand and of many samples", () => {
  const { mean, covariance: fitted } = fitGaussian(
    array([
      [0, 1],
      [2, 3],
      [4, -1],
    ]),
  );
  expect([[...mean.data], [...fitted.data]]).toEqual([
    [2, 1],
    [4, -2, -2, 4],
  ]);
  const many = fitGaussian(distribution.sample(key("fit"), 40_000));
  [2, 0.6, 0.6, 0.5].forEach((value, i) =>
    expect(Math.abs(many.covariance.data[i]! - value)).toBeLessThan(0.06),
  );
});

test("rows that lie on a line, one row, and rows of another size are refused", () => {
  const line = array([
    [0, 0],
    [1, 1],
    [2, 2],
  ]);
  expect(() => gaussianNll(fitGaussian(line), line)).toThrow("expected a positive definite covariance");
  expect(() => fitGaussian(array([[1, 2]]))).toThrow("fitGaussian: expected at least two rows");
  expect(() => gaussianNll(truth, array([[1, 2, 3]]))).toThrow("rows of 2 elements, got [1, 3]");
});
