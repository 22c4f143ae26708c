import type { Shape } from "../array/index.ts";
import { AdvectError } from "../error.ts";
import type { ForeignModel, Tensor } from "../tensor/index.ts";
import { caller, type Port, shapeText } from "./call.ts";
import { decodeModel } from "./decode.ts";
import { allNodes } from "./graphs.ts";
import { tensorDTypes } from "./inline.ts";
import { type Dimension, defaults, type OnnxModel, type ValueInfo } from "./model.ts";
import { mergeOpsets, upgraded } from "./upgrade.ts";

export interface ImportOptions {
  /** Names the file in errors. */
  readonly where?: string;
  /** Shapes of inputs and outputs that the file leaves open, where the tensors of a call do not settle them. */
  readonly shapes?: Readonly<Record<string, Shape>>;
}

export interface ImportedModel {
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** All outputs for tensors of all inputs, by name. Throws "option" for other names or dtypes, and "shape". */
  call(inputs: Readonly<Record<string, Tensor>>): Record<string, Tensor>;
}

/**
 * A model from elsewhere as a function on symbolic tensors: a call is part of the graph that uses it, and is written
 * into the same ONNX file. Gradients do not go through it. The bytes are borrowed.
 * Throws "format", "unsupported", and "option" when `shapes` contradicts the file.
 */
export function importOnnx(bytes: Uint8Array, options: ImportOptions = {}): ImportedModel {
  const { where = "importOnnx", shapes = {} } = options;
  const model = decodeModel(bytes, where);
  decoded.set(bytes, model);
  refuse(model, where);
  const stored = new Set(model.graph.initializers.map(({ name }) => name));
  const port = (info: ValueInfo) => portOf(info, { where, shapes });
  const inputs = model.graph.inputs.filter(({ name }) => !stored.has(name)).map(port);
  const outputs = model.graph.outputs.map(port);
  checkShapes([...inputs, ...outputs], { where, shapes });
  const name = model.graph.name || "model";
  return { name, inputs, outputs, call: caller({ name, bytes, inputs, outputs, where }) };
}

const decoded = new WeakMap<Uint8Array, OnnxModel>();

/** The file behind a call, read once. */
export function decodeForeign({ bytes, name }: ForeignModel): OnnxModel {
  const known = decoded.get(bytes);
  if (known) return known;
  const model = decodeModel(bytes, name);
  decoded.set(bytes, model);
  return model;
}

/** A model that draws is not a function of its inputs, so it cannot be part of a graph. */
const random = /^(Random(Normal|Uniform)(Like)?|Bernoulli|Multinomial)$/;

function refuse(model: OnnxModel, where: string): void {
  const found = allNodes(model.graph).find(({ op, domain }) => !domain && random.test(op));
  if (found) {
    const fix = "Export it with its noise as an input.";
    throw new AdvectError("unsupported", where, {
      expected: "a model that draws nothing",
      got: found.op,
      fix,
    });
  }
  if (model.graph.inputs.length === 0) {
    throw new AdvectError("unsupported", where, { expected: "at least one input", got: "a model without" });
  }
  upgraded(model, { to: mergeOpsets(defaults.opsets, [model])[""]!, where });
}

interface Context {
  readonly where: string;
  readonly shapes: Readonly<Record<string, Shape>>;
}

function portOf({ name, dtype, shape }: ValueInfo, { where, shapes }: Context): Port {
  const own = dtype && tensorDTypes[dtype];
  if (!own) {
    const expected = `${name} of a type among ${Object.keys(tensorDTypes).join(", ")}`;
    throw new AdvectError("unsupported", where, { expected, got: dtype ?? "none" });
  }
  if (!Object.hasOwn(shapes, name)) return { name, dtype: own, shape };
  const given = shapes[name]!;
  if (fits(given, shape)) return { name, dtype: own, shape: given };
  const expected = `shapes.${name} like ${shape ? shapeText(shape) : "any list of lengths"}`;
  throw new AdvectError("option", where, { expected, got: given });
}

function fits(given: Shape, declared: readonly Dimension[] | undefined): boolean {
  if (!given.every((length) => Number.isSafeInteger(length) && length >= 0)) return false;
  if (!declared) return true;
  const open = (length: Dimension | undefined) => typeof length === "string";
  return (
    given.length === declared.length &&
    given.every((length, axis) => open(declared[axis]) || length === declared[axis])
  );
}

function checkShapes(ports: readonly Port[], { where, shapes }: Context): void {
  const names = new Set(ports.map(({ name }) => name));
  const unknown = Object.keys(shapes).filter((name) => !names.has(name));
  if (unknown.length === 0) return;
  const expected = `shapes of ${[...names].join(", ")}`;
  throw new AdvectError("option", where, { expected, got: unknown.join(", ") });
}
