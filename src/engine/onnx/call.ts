import type { Shape } from "../array/index.ts";
import { AdvectError } from "../error.ts";
import { type ForeignModel, node, type Tensor, type TensorDType } from "../tensor/index.ts";
import type { Dimension } from "./model.ts";

/** An input or output; the dtype is the one its tensor has (int64 in the file is int32 here). */
export interface Port {
  readonly name: string;
  readonly dtype: TensorDType;
  /** A name stands for a length that a call settles, "" for one without a name; undefined: not even the rank is known. */
  readonly shape: readonly Dimension[] | undefined;
}

export interface Callable {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Names the file in errors. */
  readonly where: string;
}

type Tensors = Readonly<Record<string, Tensor>>;

/** Calls with equal shapes name the same ForeignModel, so that equal calls are one tensor. */
export function caller(model: Callable): (tensors: Tensors) => Record<string, Tensor> {
  const known = new Map<string, ForeignModel>();
  return (tensors) => {
    checkNames(model, tensors);
    const lengths = bind(model, tensors);
    const shapes = model.outputs.map((port) => resolve(port, lengths, model.where));
    const key = JSON.stringify(shapes);
    const foreign = known.get(key) ?? foreignModel(model, shapes);
    known.set(key, foreign);
    const operands = model.inputs.map(({ name }) => tensors[name]!);
    const results = model.outputs.map(({ name, dtype }, output) => {
      const type = { shape: shapes[output]!, dtype };
      return [name, node("call", operands, { model: foreign, output }, type)] as const;
    });
    return Object.fromEntries(results);
  };
}

function foreignModel({ name, bytes, inputs, outputs }: Callable, shapes: readonly Shape[]): ForeignModel {
  return {
    name,
    bytes,
    inputs: inputs.map((port) => port.name),
    outputs: outputs.map((port, i) => ({ name: port.name, dtype: port.dtype, shape: shapes[i]! })),
  };
}

function checkNames({ inputs, where }: Callable, tensors: Tensors): void {
  const expected = inputs.map(({ name }) => name);
  const given = Object.keys(tensors);
  if (expected.length === given.length && expected.every((name) => Object.hasOwn(tensors, name))) return;
  throw new AdvectError("option", where, {
    expected: `inputs { ${expected.join(", ")} }`,
    got: `{ ${given.join(", ")} }`,
  });
}

/** The length of every named dimension. Throws "shape" and "option". */
function bind({ inputs, where }: Callable, tensors: Tensors): Map<string, number> {
  const lengths = new Map<string, number>();
  for (const { name, dtype, shape } of inputs) {
    const tensor = tensors[name]!;
    if (tensor.dtype !== dtype) {
      const fix = `Convert it: cast(${name}, "${dtype}").`;
      throw new AdvectError("option", where, {
        expected: `${name} of dtype ${dtype}`,
        got: tensor.dtype,
        fix,
      });
    }
    if (shape && !bindShape(shape, tensor.shape, lengths)) {
      const settled = [...lengths].map(([key, length]) => `${key} = ${length}`).join(", ");
      const expected = `${name} of shape ${shapeText(shape)}${settled && ` where ${settled}`}`;
      throw new AdvectError("shape", where, { expected, got: tensor.shape });
    }
  }
  return lengths;
}

function bindShape(declared: readonly Dimension[], shape: Shape, lengths: Map<string, number>): boolean {
  if (declared.length !== shape.length) return false;
  return declared.every((dimension, axis) => {
    const length = shape[axis]!;
    if (dimension === "") return true;
    if (typeof dimension === "number") return dimension === length;
    const settled = lengths.get(dimension) ?? length;
    lengths.set(dimension, settled);
    return settled === length;
  });
}

function resolve({ name, shape }: Port, lengths: ReadonlyMap<string, number>, where: string): Shape {
  const resolved = shape?.map((length) => (typeof length === "number" ? length : lengths.get(length)));
  if (resolved?.every((length) => length !== undefined)) return resolved;
  throw new AdvectError("shape", where, {
    expected: `a shape of output ${name} that follows from the inputs`,
    got: shape ? shapeText(shape) : "none in the file",
    fix: `Say it: importOnnx(bytes, { shapes: { ${name}: [...] } }).`,
  });
}

export function shapeText(shape: readonly Dimension[]): string {
  return `[${shape.map((length) => (length === "" ? "?" : length)).join(", ")}]`;
}
