import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  evaluate,
  grad,
  key,
  mapTree,
  mean,
  type NdArray,
  namedLeaves,
  normal,
  parseSafetensors,
  safetensorsBytes,
  type Tensor,
  uniform,
} from "advect/engine";
import type { Params, Values } from "advect/nn";
import { type Interpreter, interpreters } from "../harness/python.ts";
import { Worker } from "../harness/worker.ts";
import { type TrainModel, trainModels } from "./models.ts";
import { type AnyModel, networkOf } from "./network.ts";

/** float32 on both sides: sums in another order differ by a few units in the seventh digit. */
const tolerance = 1e-5;

interface Inputs {
  readonly x: NdArray;
  readonly t: NdArray;
  readonly condition?: NdArray;
}

type Named = Readonly<Record<string, NdArray>>;

/** Loads advect's weights into the peers' networks and compares velocities and gradients: the twins must be twins. */
export async function checkTwins(): Promise<boolean> {
  const interpreter = interpreters().find(({ torch }) => !torch.startsWith("1."));
  if (!interpreter) throw new Error("needs PyTorch 2.x with safetensors: npm run bench:setup");
  let agree = true;
  for (const model of trainModels) {
    const worst = await compareOne(model, interpreter);
    agree &&= worst.error < tolerance;
    console.log(`${model.name}: largest relative error ${worst.error.toExponential(1)} (${worst.name})`);
  }
  return agree;
}

async function compareOne(
  model: TrainModel,
  interpreter: Interpreter,
): Promise<{ name: string; error: number }> {
  const small = { ...model, batch: 4 };
  const network = networkOf(small);
  const params = perturbed(network);
  const inputs = drawInputs(small);
  const ours = await velocityAndGradients(network, params, inputs);
  const theirs = await askPeer(interpreter, { model: small, params, inputs });
  const errors = Object.entries(ours).map(([name, array]) => ({
    name,
    error: distance(array, theirs[name]),
  }));
  return errors.reduce((a, b) => (a.error >= b.error ? a : b));
}

/** First values, moved a little: layers that begin at zero would hide what is behind them. */
function perturbed(network: AnyModel): Values<Params> {
  const noise = key("perturbation");
  return mapTree(network.init(key("params")), (array: NdArray, path) => {
    const move = normal(noise.fold(path), array.shape, { std: 0.05 }).data;
    return { ...array, data: (array.data as Float32Array).map((value, i) => value + move[i]!) };
  }) as Values<Params>;
}

function drawInputs({ batch, x, condition }: TrainModel): Inputs {
  const inputs = key("inputs");
  return {
    x: normal(inputs.fold("x"), [batch, ...x]),
    t: uniform(inputs.fold("t"), [batch]),
    ...(condition > 0 && { condition: normal(inputs.fold("condition"), [batch, condition]) }),
  };
}

async function velocityAndGradients(
  network: AnyModel,
  params: Values<Params>,
  inputs: Inputs,
): Promise<Named> {
  const { x, t, condition } = inputs;
  const both = (params: Params, x: Tensor, t: Tensor, told: { vector?: Tensor }) => {
    const velocity = network.apply(params, x, t, told);
    return { velocity, gradient: grad(mean(velocity.mul(velocity)), params) };
  };
  const told = condition ? { vector: condition } : {};
  return Object.fromEntries(namedLeaves<NdArray>(await evaluate(both, [params, x, t, told] as never)));
}

async function askPeer(
  interpreter: Interpreter,
  given: { model: TrainModel; params: Values<Params>; inputs: Inputs },
): Promise<Named> {
  const folder = mkdtempSync(join(tmpdir(), "advect-twins-"));
  const path = (name: string) => join(folder, `${name}.safetensors`);
  const worker = new Worker(interpreter, {});
  const id = given.model.name;
  try {
    const weights = Object.fromEntries(namedLeaves<NdArray>(given.params));
    writeFileSync(path("weights"), safetensorsBytes({ tensors: weights }));
    writeFileSync(path("inputs"), safetensorsBytes({ tensors: { ...given.inputs } }));
    await worker.ask("prepare", { id, task: "train", mode: "eager", model: given.model });
    await worker.ask("load", { id, path: path("weights") });
    await worker.ask("forward", { id, path: path("inputs"), output: path("answers") });
    return parseSafetensors(readFileSync(path("answers"))).tensors as Named;
  } finally {
    worker.close();
    rmSync(folder, { recursive: true });
  }
}

/** |ours - theirs| / |theirs|, infinite where the names or the sizes differ. */
function distance(ours: NdArray, theirs: NdArray | undefined): number {
  if (!theirs || `${ours.shape}` !== `${theirs.shape}`) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let size = 0;
  ours.data.forEach((value, i) => {
    difference += (value - theirs.data[i]!) ** 2;
    size += theirs.data[i]! ** 2;
  });
  return Math.sqrt(difference / Math.max(size, 1e-12));
}
