import type { NdArray, NumberDType, Shape } from "../array/nd-array.ts";
import { ndarray, sizeOf } from "../array/nd-array.ts";
import { AdvectError } from "../error.ts";
import { compute } from "./kernels/index.ts";
import type { OpName, Primitives, TensorDType, TensorType } from "./primitives.ts";
import { checkShape } from "./shape.ts";

export type Operand = Tensor | number;

/** Axes to reduce (all by default), and whether they stay with length 1 (not by default). */
export interface Reduction {
  readonly axes?: number | readonly number[];
  readonly keepDims?: boolean;
}

/** start, start + step, ... below stop along one axis; negative ends count from the end. */
export interface Range {
  readonly axis: number;
  readonly start?: number;
  readonly stop?: number;
  readonly step?: number;
}

/** Each method is the operation of the same name with this tensor as its first argument: x.mul(y) is mul(x, y). */
export interface Methods {
  add(other: Operand): Tensor;
  sub(other: Operand): Tensor;
  mul(other: Operand): Tensor;
  div(other: Operand): Tensor;
  pow(exponent: Operand): Tensor;
  neg(): Tensor;
  abs(): Tensor;
  exp(): Tensor;
  log(): Tensor;
  sqrt(): Tensor;
  sin(): Tensor;
  cos(): Tensor;
  tanh(): Tensor;
  sum(reduction?: Reduction): Tensor;
  mean(reduction?: Reduction): Tensor;
  max(reduction?: Reduction): Tensor;
  min(reduction?: Reduction): Tensor;
  cast(dtype: TensorDType): Tensor;
  matmul(other: Tensor, flags?: { readonly transposeA?: boolean; readonly transposeB?: boolean }): Tensor;
  reshape(shape: Shape): Tensor;
  transpose(permutation?: readonly number[]): Tensor;
  expand(shape: Shape): Tensor;
  slice(ranges: Range | readonly Range[]): Tensor;
}

let created = 0;

// biome-ignore lint/correctness/noUnusedVariables: merging requires the class's own type parameters
export interface Tensor<Op extends OpName = OpName> extends Methods {}

/**
 * A symbolic array: what to compute, not the numbers. Immutable; equal expressions over the same
 * inputs are the same object, and expressions of small constants are computed on the spot.
 * Ids grow from inputs to outputs, so sorting by id is a topological order.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: methods.ts installs the methods, since operations need this class first
export class Tensor<Op extends OpName = OpName> {
  readonly id: number = created++;
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly attributes: Primitives[Op];
  readonly shape: Shape;
  readonly dtype: TensorDType;
  /** Expressions built from this tensor, by key: they die with the graph, so no global table can leak. */
  readonly #users = new Map<string, Tensor>();

  constructor(op: Op, inputs: readonly Tensor[], attributes: Primitives[Op], type: TensorType) {
    this.op = op;
    this.inputs = inputs;
    this.attributes = attributes;
    this.shape = type.shape;
    this.dtype = type.dtype;
  }

  get rank(): number {
    return this.shape.length;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  /** The user of this tensor called `key`, built on first demand. */
  user(key: string, build: () => Tensor): Tensor {
    const known = this.#users.get(key);
    if (known) return known;
    const made = build();
    this.#users.set(key, made);
    return made;
  }
}

/** The tensor that applies `op`: folded when its inputs are small constants, shared when it exists already. */
export function node<Op extends OpName>(
  op: Op,
  inputs: readonly Tensor[],
  attributes: Primitives[Op],
  type: TensorType,
): Tensor {
  if (canFold(op, inputs, type)) return fold(op, inputs, attributes, type);
  const variables = inputs.filter((tensor) => uniformValue(tensor) === undefined);
  const owner = variables.length > 0 ? variables.reduce((a, b) => (b.id > a.id ? b : a)) : inputs[0]!;
  const key = `${op}(${inputs.map(inputKey)})${attributesKey(op, attributes)}:${type.dtype}[${type.shape}]`;
  return owner.user(key, () => new Tensor(op, inputs, attributes, type));
}

/** A placeholder that the caller fills with numbers; no two are the same. */
export function input(
  name: string,
  type: TensorType,
  distribution: Primitives["input"]["distribution"] = null,
): Tensor {
  checkShape("input", type.shape);
  return new Tensor("input", [], { name, distribution }, { shape: [...type.shape], dtype: type.dtype });
}

/**
 * Numbers inside the graph; `value` is borrowed. Its dtype is the array's (a number's float32) unless given; uint8
 * becomes int32. Throws "option" for fractions in an integer constant.
 */
export function constant(value: NdArray | number, dtype?: TensorDType): Tensor {
  const numbers = typeof value === "number" ? ndarray(Float64Array.of(value), [], "float64") : value;
  const own = typeof value === "number" ? "float32" : tensorDType(value.dtype);
  if ((dtype === "int32" || dtype === "bool") && own !== dtype) checkWhole(numbers, dtype);
  return new Tensor("constant", [], { value: numbers }, { shape: numbers.shape, dtype: dtype ?? own });
}

function checkWhole({ data }: NdArray, dtype: "int32" | "bool"): void {
  const fits = dtype === "bool" ? (value: number) => value === 0 || value === 1 : Number.isInteger;
  const wrong = (data as Float64Array).find((value) => !fits(value));
  if (wrong === undefined) return;
  throw new AdvectError("option", "constant", {
    expected: dtype === "bool" ? "0 or 1 for a bool tensor" : "whole numbers for an int32 tensor",
    got: wrong,
    fix: 'Convert the other operand with cast(x, "float32").',
  });
}

export function is<Op extends OpName>(op: Op, tensor: Tensor): tensor is Tensor<Op> {
  return tensor.op === op;
}

export function isConstant(tensor: Tensor): tensor is Tensor<"constant"> {
  return tensor.op === "constant";
}

const uniforms = new WeakMap<Tensor, number | undefined>();

/** The number that every element has, where tracing knows it: for small constants and what they are expanded to. */
export function uniformValue(tensor: Tensor): number | undefined {
  if (is("expand", tensor)) return uniformValue(tensor.inputs[0]!);
  if (!is("constant", tensor) || tensor.size === 0 || tensor.size > foldLimit) return undefined;
  const { data } = tensor.attributes.value;
  if (data.length === 1) return data[0];
  if (!uniforms.has(tensor)) {
    const first = data[0]!;
    uniforms.set(tensor, data.every((value) => Object.is(value, first)) ? first : undefined);
  }
  return uniforms.get(tensor);
}

export function isFloat(tensor: Tensor): boolean {
  return tensor.dtype === "float32" || tensor.dtype === "float64";
}

/** `value` as a tensor; a number takes the dtype of `like`. Errors are in the name of `where`. */
export function lift(where: string, value: Operand, like: TensorDType): Tensor {
  if (value instanceof Tensor) return value;
  if (typeof value === "number") return constant(value, like);
  throw new AdvectError("option", where, {
    expected: "a Tensor or a number",
    got: value === null ? "null" : typeof value,
    fix: "Bring an NdArray into the graph with constant(array).",
  });
}

/** Constants of at most this many elements are folded and compared by value. */
const foldLimit = 1024;

function canFold(op: OpName, inputs: readonly Tensor[], type: TensorType): boolean {
  if (op === "input" || op === "constant" || op === "call" || op === "opaque") return false;
  return (
    sizeOf(type.shape) <= foldLimit &&
    inputs.every((tensor) => isConstant(tensor) && tensor.size <= foldLimit)
  );
}

function fold<Op extends OpName>(
  op: Op,
  inputs: readonly Tensor[],
  attributes: Primitives[Op],
  type: TensorType,
): Tensor {
  const operands = inputs.map((tensor) => ({
    shape: tensor.shape,
    data: new Float64Array((tensor as Tensor<"constant">).attributes.value.data),
  }));
  const data = compute(op, operands, attributes, type);
  return constant(ndarray(data, type.shape, "float64"), type.dtype);
}

function inputKey(tensor: Tensor): string {
  const value = uniformValue(tensor);
  return value === undefined
    ? `${tensor.id}`
    : `#${Object.is(value, -0) ? "-0" : value}:${tensor.dtype}[${tensor.shape}]`;
}

const modelIds = new WeakMap<object, number>();

function attributesKey<Op extends OpName>(op: Op, attributes: Primitives[Op]): string {
  if (op !== "call") return JSON.stringify(attributes);
  const { model, output } = attributes as Primitives["call"];
  if (!modelIds.has(model)) modelIds.set(model, created++);
  return `${modelIds.get(model)}.${output}`;
}

function tensorDType(dtype: NumberDType): TensorDType {
  return dtype === "uint8" ? "int32" : dtype;
}
