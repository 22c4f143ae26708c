import { key, normal } from "../../src/engine/random/index.ts";
import type { Device, Spec } from "../../src/engine/runtime/index.ts";
import { mapTree } from "../../src/engine/tensor/index.ts";
import type { Params } from "../../src/nn/index.ts";
import { trainer } from "../../src/train/index.ts";
import {
  type FlowArgs,
  modelNamed,
  numbersFor,
  toldSpecs,
  trainingOf,
} from "../engine/onnx/golden-models.ts";

/** The networks whose training is compared between runtimes. */
export const names = ["mlp tiny", "residual mlp", "dit", "unet 1-d", "unet 2-d"];

const batch = 4;

/** The losses of the first steps of training a network, the same on every device but for rounding. */
export async function losses(name: string, device: Device, steps: number): Promise<number[]> {
  const reference = modelNamed(name);
  const request = { ...trainingOf(reference, batch), learningRate: 1e-3, ema: 0.9, clipNorm: 1 };
  using run = await trainer<Params, FlowArgs>({ ...request, device });
  const found: number[] = [];
  for (let step = 0; step < steps; step++) {
    const own = key("browser").fold(step);
    const x1 = normal(own.fold("x1"), [batch, ...reference.shape]);
    const told = mapTree(toldSpecs(reference, batch), (spec: Spec) => numbersFor(spec, own));
    found.push((await run.step(x1, told, own)).loss);
  }
  return found;
}
