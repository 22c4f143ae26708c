import { malformed } from "../array/malformed.ts";
import { AdvectError } from "../error.ts";
import { decodeElementType, decodeLength, decodeTensor, type Spot } from "./decode-tensor.ts";
import type { Attribute, Dimension, Int, OnnxGraph, OnnxModel, OnnxNode, ValueInfo } from "./model.ts";
import { parseMessage } from "./parse.ts";
import {
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  modelProto,
  type NodeProto,
  type TypeProto,
  type ValueInfoProto,
} from "./schema.ts";

/**
 * Reads an ONNX file: everything needed to run it elsewhere or to write it again, without documentation strings.
 * `where` names the file in errors. Throws "format" when the bytes are no ONNX model, and "unsupported" for external
 * data, functions, sparse tensors, sequences, strings and types of under 8 bits.
 */
export function decodeModel(bytes: Uint8Array, where: string): OnnxModel {
  const proto = parseMessage(modelProto, bytes, where);
  const spot = { where, field: "graph" };
  if (!proto.graph) throw malformed(where, "graph", { expected: "to be there", got: "nothing" });
  if (proto.functions) {
    const got = `${proto.functions.length} functions`;
    throw unsupported({ where, field: "functions" }, "a model without local functions", got, inlineFix);
  }
  return {
    irVersion: decodeVersion(proto.irVersion, { where, field: "irVersion" }),
    opsets: decodeOpsets(proto, where),
    producer: proto.producerName ?? "",
    graph: decodeGraph(proto.graph, spot),
    metadata: Object.fromEntries(
      (proto.metadataProps ?? []).map(({ key, value }) => [key ?? "", value ?? ""]),
    ),
  };
}

const inlineFix = "Inline them with onnx.inliner.inline_local_functions(model).";
const convertFix = "Convert it in the program that wrote the file.";

function unsupported({ where, field }: Spot, expected: string, got: string, fix = convertFix): AdvectError {
  return new AdvectError("unsupported", `${where}, ${field}`, { expected, got, fix });
}

function decodeOpsets({ opsetImport }: ModelProto, where: string): Record<string, number> {
  const entries = (opsetImport ?? []).map(({ domain, version }, index) => {
    const spot = { where, field: `opsetImport[${index}]` };
    return [decodeDomain(domain), decodeVersion(version, spot)] as const;
  });
  return unique(entries, { where, field: "opsetImport" });
}

/** ONNX's own operators have two names. */
function decodeDomain(domain: string | undefined): string {
  return domain === undefined || domain === "ai.onnx" ? "" : domain;
}

function decodeVersion(version: Int | undefined, { where, field }: Spot): number {
  if (typeof version === "number" && version >= 1 && version < 2 ** 31) return version;
  throw malformed(where, field, { expected: "a version", got: `${version ?? "nothing"}` });
}

function unique<T>(entries: readonly (readonly [string, T])[], { where, field }: Spot): Record<string, T> {
  const result = Object.fromEntries(entries);
  if (Object.keys(result).length === entries.length) return result;
  throw malformed(where, field, {
    expected: "different names",
    got: entries.map(([name]) => name).join(", "),
  });
}

function decodeGraph(proto: GraphProto, { where, field }: Spot): OnnxGraph {
  const at = (name: string, index: number): Spot => ({ where, field: `${field}.${name}[${index}]` });
  const values = (name: "input" | "output") =>
    (proto[name] ?? []).map((value, i) => decodeValue(value, at(name, i)));
  const known = (proto.valueInfo ?? []).filter(({ type }) => type?.tensorType);
  if (proto.sparseInitializer) {
    throw unsupported({ where, field: `${field}.sparseInitializer` }, "dense tensors", "sparse ones");
  }
  return {
    name: proto.name ?? "",
    nodes: (proto.node ?? []).map((node, i) => decodeNode(node, at("node", i))),
    inputs: values("input"),
    outputs: values("output"),
    initializers: (proto.initializer ?? []).map((tensor, i) => decodeTensor(tensor, at("initializer", i))),
    valueInfo: known.map((value, i) => decodeValue(value, at("valueInfo", i))),
  };
}

function decodeNode(proto: NodeProto, spot: Spot): OnnxNode {
  if (!proto.opType) throw malformed(spot.where, `${spot.field}.opType`, { expected: "a name", got: "" });
  const domain = decodeDomain(proto.domain);
  const attributes = (proto.attribute ?? []).map((attribute, i) => {
    const here = { ...spot, field: `${spot.field}.attribute[${i}] "${attribute.name ?? ""}"` };
    return [attribute.name ?? "", decodeAttribute(attribute, here)] as const;
  });
  return {
    op: proto.opType,
    ...(domain ? { domain } : {}),
    inputs: proto.input ?? [],
    outputs: proto.output ?? [],
    ...(attributes.length > 0 ? { attributes: unique(attributes, spot) } : {}),
    ...(proto.name ? { name: proto.name } : {}),
  };
}

/** By AttributeProto.AttributeType; a value equal to protobuf's default may be absent. */
const attributeReaders: readonly (((proto: AttributeProto, spot: Spot) => Attribute) | undefined)[] = [
  undefined,
  ({ f }) => ({ float: f ?? 0 }),
  ({ i }) => ({ int: i ?? 0 }),
  ({ s }) => ({ string: s ?? "" }),
  ({ t }, spot) => ({ tensor: decodeTensor(present(t, spot), spot) }),
  ({ g }, spot) => ({ graph: decodeGraph(present(g, spot), spot) }),
  ({ floats }) => ({ floats: floats ?? [] }),
  ({ ints }) => ({ ints: ints ?? [] }),
  ({ strings }) => ({ strings: strings ?? [] }),
  ({ tensors }, spot) => ({ tensors: (tensors ?? []).map((tensor) => decodeTensor(tensor, spot)) }),
  ({ graphs }, spot) => ({ graphs: (graphs ?? []).map((graph) => decodeGraph(graph, spot)) }),
];

function decodeAttribute(proto: AttributeProto, spot: Spot): Attribute {
  const type = Number(proto.type ?? 0);
  const read = attributeReaders[type];
  if (read) return read(proto, spot);
  if (type > 10 && type < 15)
    throw unsupported(spot, "an attribute of numbers, text or graphs", `type ${type}`);
  throw malformed(spot.where, spot.field, { expected: "an attribute type from 1 to 14", got: `${type}` });
}

function present<T>(value: T | undefined, { where, field }: Spot): T {
  if (value !== undefined) return value;
  throw malformed(where, field, { expected: "the value its type promises", got: "nothing" });
}

function decodeValue({ name, type }: ValueInfoProto, spot: Spot): ValueInfo {
  const here = { ...spot, field: name ? `${spot.field} "${name}"` : spot.field };
  if (!name) throw malformed(here.where, here.field, { expected: "a name", got: "" });
  return type ? { name, ...decodeType(type, here) } : { name };
}

function decodeType({ tensorType }: TypeProto, spot: Spot): Omit<ValueInfo, "name"> {
  if (!tensorType) throw unsupported(spot, "a tensor", "a sequence, a map, an optional or a sparse tensor");
  if (!tensorType.elemType) return {};
  const dtype = decodeElementType(tensorType.elemType, spot);
  if (!tensorType.shape) return { dtype };
  const dimension = (dimValue: Int | undefined, dimParam = ""): Dimension =>
    dimValue === undefined || dimValue < 0 ? dimParam : decodeLength(dimValue, spot);
  return { dtype, shape: (tensorType.shape.dim ?? []).map((dim) => dimension(dim.dimValue, dim.dimParam)) };
}
