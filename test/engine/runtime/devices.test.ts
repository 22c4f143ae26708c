import { expect, test } from "vitest";
import { array } from "../../../src/engine/array/index.ts";
import { compile, defaultDevice, devices, loadOnnx, spec } from "../../../src/engine/runtime/index.ts";
import type { Tensor } from "../../../src/engine/tensor/index.ts";
import { layerModel } from "./models.ts";

const double = (x: Tensor) => x.mul(2);

test("Node.js offers the native CPU and wasm, and takes the CPU by default", async () => {
  const offered = await devices();
  expect(offered).toContain("cpu");
  expect(offered).toContain("wasm");
  expect(await defaultDevice()).toBe("cpu");
  using run = await compile(double, [spec([1])]);
  expect(run.device).toBe("cpu");
});

test("a device that is not there is refused with those that are", async () => {
  const offered = await devices();
  const error = { kind: "unsupported", message: expect.stringContaining(offered.join(", ")) };
  await expect(compile(double, [spec([1])], { device: "tpu" as "cpu" })).rejects.toMatchObject(error);
  await expect(loadOnnx(layerModel(), { device: "tpu" as "cpu" })).rejects.toMatchObject(error);
});

test("the same function runs on both devices, each as often as asked in parallel", async () => {
  using native = await compile(double, [spec([3])], { device: "cpu" });
  using web = await compile(double, [spec([3])], { device: "wasm" });
  const inputs = Array.from({ length: 8 }, (_, i) => array([i, -i, 0.5]));
  const expected = await Promise.all(inputs.map((x) => native(x)));
  expect(expected[3]!.data).toEqual(Float32Array.of(6, -6, 1));
  expect(await Promise.all(inputs.map((x) => web(x)))).toEqual(expected);
});
