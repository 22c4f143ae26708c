import {
  type Attribute,
  type Dimension,
  defaults,
  elementCodes,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type ValueInfo,
} from "./model.ts";
import { encodeMessage } from "./proto.ts";
import {
  type AttributeProto,
  type DimensionProto,
  type GraphProto,
  modelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "./schema.ts";

/** The file's bytes. Numbers of tensors are copied once, from the arrays to the result. */
export function encodeModel(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(model.metadata ?? {});
  return encodeMessage(modelProto, {
    irVersion: model.irVersion,
    producerName: model.producer,
    graph: graph(model.graph),
    opsetImport: Object.entries(model.opsets).map(([domain, version]) => ({ domain, version })),
    metadataProps: entries.map(([key, value]) => ({ key, value })),
  });
}

/** A model with advect's versions around `graph`. */
export function modelOf(graph: OnnxGraph, opsets: OnnxModel["opsets"] = defaults.opsets): OnnxModel {
  return { ...defaults, opsets, graph };
}

function graph({ name, nodes, inputs, outputs, initializers, valueInfo }: OnnxGraph): GraphProto {
  return {
    node: nodes.map(node),
    name,
    initializer: initializers.map(tensor),
    input: inputs.map(value),
    output: outputs.map(value),
    valueInfo: (valueInfo ?? []).map(value),
  };
}

function node({ op, domain, inputs, outputs, attributes, name }: OnnxNode): NodeProto {
  return {
    input: inputs,
    output: outputs,
    ...(name ? { name } : {}),
    opType: op,
    attribute: Object.entries(attributes ?? {}).map(([name, content]) => ({ name, ...attribute(content) })),
    ...(domain ? { domain } : {}),
  };
}

function attribute(content: Attribute): AttributeProto {
  if ("float" in content) return { f: content.float, type: 1 };
  if ("int" in content) return { i: content.int, type: 2 };
  if ("string" in content) return { s: content.string, type: 3 };
  if ("tensor" in content) return { t: tensor(content.tensor), type: 4 };
  if ("graph" in content) return { g: graph(content.graph), type: 5 };
  if ("floats" in content) return { floats: content.floats, type: 6 };
  if ("ints" in content) return { ints: content.ints, type: 7 };
  if ("strings" in content) return { strings: content.strings, type: 8 };
  if ("tensors" in content) return { tensors: content.tensors.map(tensor), type: 9 };
  return { graphs: content.graphs.map(graph), type: 10 };
}

function tensor({ name, dtype, shape, data }: OnnxTensor): TensorProto {
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { dims: shape, dataType: elementCodes[dtype], ...(name ? { name } : {}), rawData };
}

function value({ name, dtype, shape }: ValueInfo): ValueInfoProto {
  if (!dtype) return { name };
  const type = { elemType: elementCodes[dtype], ...(shape ? { shape: { dim: shape.map(dimension) } } : {}) };
  return { name, type: { tensorType: type } };
}

function dimension(length: Dimension): DimensionProto {
  if (typeof length === "number") return { dimValue: length };
  return length === "" ? {} : { dimParam: length };
}
