import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { twoMoons } from "advect/data";
import {
  type Draw,
  key,
  type NdArray,
  namedLeaves,
  ndarray,
  npyBytes,
  npzBytes,
  random,
  spec,
  type Tensor,
} from "advect/engine";
import { flowMatching } from "advect/flow";
import { type MlpParams, mlp, type Values } from "advect/nn";
import { cosineRate, trainer } from "advect/train";

/** A network for the plane, in the words of bench/peers/models.py; SiLU between its layers. */
export const described = { network: { kind: "mlp", hidden: 128, depth: 4 }, x: [2], condition: 0 } as const;
export const network = mlp({ size: 2, hidden: described.network.hidden, depth: described.network.depth });
export const networkText = "MLP of 4 x 128 with SiLU, trained on two moons";

export const data = twoMoons();

/** The network after 2000 steps of flow matching: the flow of an untrained one needs hardly any steps. */
export async function trained(): Promise<Values<MlpParams>> {
  const [steps, root, matching] = [2000, key("bench flow"), flowMatching()];
  using training = await trainer({
    params: network.init(root.fold("model")),
    loss: (params: MlpParams, x1: Tensor, draw: Draw) =>
      matching((x, t) => network.apply(params, x, t), { x1 }, draw),
    signature: [spec([256, 2]), random],
    learningRate: cosineRate({ from: 3e-3, steps }),
  });
  for (let i = 0; i < steps; i++) {
    const seed = root.fold("step").fold(i);
    await training.step(data.sample(seed.fold("data"), 256), seed);
  }
  return training.snapshot().params;
}

export function firstRows(points: NdArray, count: number): NdArray {
  const width = points.data.length / points.shape[0]!;
  return ndarray(points.data.slice(0, count * width) as Float32Array, [count, ...points.shape.slice(1)]);
}

/** Files that Python reads; they go with it. */
export interface Exchange extends Disposable {
  /** Weights, and `points`, as an npz file. */
  readonly file: string;
  /** An array as an npy file. */
  write(array: NdArray): string;
}

export function exchange(params: object, points: NdArray): Exchange {
  const folder = mkdtempSync(join(tmpdir(), "advect-bench-"));
  const [file, result] = [join(folder, "field.npz"), join(folder, "result.npy")];
  writeFileSync(file, npzBytes({ ...Object.fromEntries(namedLeaves<NdArray>(params)), points }));
  return {
    file,
    write: (array) => {
      writeFileSync(result, npyBytes(array));
      return result;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
