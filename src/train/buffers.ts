import { allocate, type NdArray, ndarray, zeros } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import type { Key } from "../engine/random/index.ts";
import { type Arrays, fillDraw, random } from "../engine/runtime/index.ts";
import { mapTree, sameShape, type Tensor } from "../engine/tensor/index.ts";
import {
  drawName,
  gradientName,
  metricName,
  nextName,
  type Program,
  parameterName,
  small,
} from "./program.ts";
import type { Updater } from "./updater.ts";

/** The arrays that a step reads its batch from, filled anew before each. */
export interface BatchBuffers {
  readonly arrays: Arrays;
  /** Copies the arguments in and fills the random inputs from the key among them. Throws "shape". */
  fill(args: readonly unknown[]): void;
}

export function batchBuffers<P>({ inputs, draws }: Program<P>, signature: readonly unknown[]): BatchBuffers {
  const arrays = new Map<string, NdArray>([...inputs].map(([name, tensor]) => [name, bufferOf(tensor)]));
  const noise = draws.map((draw) => ({ ...draw.attributes, id: drawName(draw), array: zeros(draw.shape) }));
  const keyAt = signature.indexOf(random);
  return {
    arrays: {
      ...Object.fromEntries(arrays),
      ...Object.fromEntries(noise.map(({ id, array }) => [id, array])),
    },
    fill(args) {
      if (args.length !== signature.length) throw mismatch(`${signature.length} arguments`, args.length);
      const given = new Set<string>();
      args.forEach((arg, i) => {
        if (i === keyAt) return;
        mapTree(
          arg,
          (array: NdArray, path) => {
            copyInto(arrays.get(path), array, path);
            given.add(path);
          },
          `${i}`,
        );
      });
      for (const path of arrays.keys()) if (!given.has(path)) throw mismatch(`argument ${path}`, "nothing");
      for (const { name, distribution, array } of noise) {
        fillDraw(distribution!, (args[keyAt] as Key).fold(name), array.data);
      }
    },
  };
}

const bufferOf = ({ dtype, shape, size }: Tensor): NdArray => ndarray(allocate(dtype, size), shape, dtype);

function copyInto(buffer: NdArray | undefined, array: NdArray, path: string): void {
  if (buffer && sameShape(buffer.shape, array.shape) && buffer.dtype === array.dtype)
    buffer.data.set(array.data);
  else
    throw mismatch(
      `argument ${path} to be ${buffer?.dtype} [${buffer?.shape}]`,
      `${array.dtype} [${array.shape}]`,
    );
}

function mismatch(expected: string, got: unknown): AdvectError {
  return new AdvectError("shape", "Trainer.step", {
    expected,
    got,
    fix: "A trainer takes exactly the shapes of its signature: drop or pad the last batch.",
  });
}

/** The arrays that a step writes its loss and metrics to. */
export interface ResultBuffers {
  readonly arrays: Arrays;
  loss(): number;
  metrics(): Record<string, number>;
  /** Copies the parameters that the graph computed into a plane. */
  writeNext(plane: "params" | "ema"): void;
}

export function resultBuffers<P>(
  { graph, metrics, computed, layout }: Program<P>,
  { planes }: Updater<P>,
): ResultBuffers {
  const names = ["loss", ...metrics.map(metricName), ...computed.map(nextName)];
  const buffers = new Map(names.map((name) => [name, bufferOf(graph.outputs.get(name)!)]));
  const entries = layout.entries.filter(({ path }) => computed.includes(path));
  const read = (name: string) => buffers.get(name)!.data[0]!;
  return {
    arrays: Object.fromEntries(buffers),
    loss: () => read("loss"),
    metrics: () => Object.fromEntries(metrics.map((name) => [name, read(metricName(name))])),
    writeNext: (plane) => {
      for (const entry of entries) {
        planes.view(plane, entry).set(buffers.get(nextName(entry.path))!.data as Float32Array);
      }
    },
  };
}

/** A plane of the training memory as the graph's arrays: all small tensors together, each large one alone. */
export function planeArrays<P>(
  { layout }: Program<P>,
  { planes }: Updater<P>,
  plane: "params" | "ema" | "gradient",
): Arrays {
  const nameOf = plane === "gradient" ? gradientName : parameterName;
  const bigs = layout.entries.filter((entry) => !entry.small);
  const arrays = Object.fromEntries(
    bigs.map((entry) => [nameOf(entry.path), ndarray(planes.view(plane, entry), entry.shape)]),
  );
  if (layout.smallLength === 0) return arrays;
  return { ...arrays, [nameOf(small)]: ndarray(planes.smallView(plane), [layout.smallLength]) };
}
