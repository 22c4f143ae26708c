import type { TensorDType } from "../tensor/index.ts";
import { mapGraphs, namesRead } from "./graphs.ts";
import {
  type Dimension,
  defaults,
  elementCodes,
  type OnnxDType,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type ValueInfo,
} from "./model.ts";
import { upgraded } from "./upgrade.ts";

/** What an element type of a file is in a Tensor graph, where it is not refused. */
export const tensorDTypes: { readonly [D in OnnxDType]?: TensorDType } = {
  float32: "float32",
  float64: "float64",
  float16: "float32",
  bfloat16: "float32",
  int8: "int32",
  int16: "int32",
  int32: "int32",
  int64: "int32",
  uint8: "int32",
  uint16: "int32",
  bool: "bool",
};

export interface InlineRequest {
  /** Goes before the name of every computed value: another one for each call. */
  readonly prefix: string;
  /**
   * Goes before the names of weights: the same for all calls of one model, whose initializers then are equal, so that
   * one copy serves. By default `prefix`; otherwise neither may begin with the other.
   */
  readonly weights?: string;
  /** The outer value for each input of the model. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The outer name of each output that is wanted. */
  readonly outputs: Readonly<Record<string, string>>;
  /** The operator set of the outer model, from mergeOpsets. */
  readonly opset?: number;
}

/**
 * The nodes and initializers that compute the model's outputs inside another graph. Values enter and leave through an
 * Identity, or a Cast where the Tensor graph has another type (int64 is int32, half precision is float32), so inner
 * names never meet outer ones. Throws "unsupported" as upgraded does.
 */
export function inlineForeign(
  model: OnnxModel,
  request: InlineRequest,
): { nodes: OnnxNode[]; initializers: OnnxTensor[] } {
  const graph = withoutConstants(upgraded(model, { to: request.opset ?? defaults.opsets[""] }));
  const { prefix, weights = prefix } = request;
  const stored = new Set(graph.initializers.map(({ name }) => name));
  const rename = (name: string) => (name === "" ? "" : (stored.has(name) ? weights : prefix) + name);
  const fed = graph.inputs.filter(({ name }) => !stored.has(name));
  const wanted = graph.outputs.filter(({ name }) => Object.hasOwn(request.outputs, name));
  const enter = fed.map(({ name, dtype }) =>
    copy(request.inputs[name]!, rename(name), { from: outer(dtype), to: dtype }),
  );
  const leave = wanted.map(({ name, dtype }) =>
    copy(rename(name), request.outputs[name]!, { from: dtype, to: outer(dtype) }),
  );
  const { nodes, initializers } = renamed(graph, { rename, prefix });
  return live([...enter, ...nodes, ...leave], { initializers, outputs: Object.values(request.outputs) });
}

function outer(dtype: OnnxDType | undefined): OnnxDType | undefined {
  return dtype && tensorDTypes[dtype];
}

function copy(
  from: string,
  to: string,
  types: { readonly from: OnnxDType | undefined; readonly to: OnnxDType | undefined },
): OnnxNode {
  const node = { inputs: [from], outputs: [to], name: `${to}:copy` };
  if (types.from === types.to || !types.to) return { op: "Identity", ...node };
  return { op: "Cast", ...node, attributes: { to: { int: elementCodes[types.to] } } };
}

/** Constant nodes become initializers, which calls share. */
function withoutConstants(graph: OnnxGraph): OnnxGraph {
  const constants = graph.nodes.flatMap((node) => constantOf(node) ?? []);
  const nodes = graph.nodes.filter((node) => !constantOf(node));
  return { ...graph, nodes, initializers: [...graph.initializers, ...constants] };
}

function constantOf({ op, domain, outputs, attributes }: OnnxNode): OnnxTensor | undefined {
  const value = op === "Constant" && !domain ? attributes?.value : undefined;
  return value && "tensor" in value ? { ...value.tensor, name: outputs[0]! } : undefined;
}

interface Renaming {
  readonly rename: (name: string) => string;
  /** For names of nodes and of dimensions, which are no values. */
  readonly prefix: string;
}

function renamed(graph: OnnxGraph, { rename, prefix }: Renaming): OnnxGraph {
  const dimension = (length: Dimension) =>
    typeof length === "string" && length !== "" ? prefix + length : length;
  const value = (info: ValueInfo): ValueInfo => ({
    ...info,
    name: rename(info.name),
    ...(info.shape ? { shape: info.shape.map(dimension) } : {}),
  });
  return {
    name: prefix + graph.name,
    nodes: graph.nodes.map((node) => ({
      ...mapGraphs(node, (inner) => renamed(inner, { rename, prefix })),
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
      ...(node.name ? { name: prefix + node.name } : {}),
    })),
    inputs: graph.inputs.map(value),
    outputs: graph.outputs.map(value),
    initializers: graph.initializers.map((tensor) => ({ ...tensor, name: rename(tensor.name) })),
    valueInfo: (graph.valueInfo ?? []).map(value),
  };
}

/** Only what the outputs need. */
function live(
  nodes: readonly OnnxNode[],
  {
    initializers,
    outputs,
  }: { readonly initializers: readonly OnnxTensor[]; readonly outputs: readonly string[] },
): { nodes: OnnxNode[]; initializers: OnnxTensor[] } {
  const needed = new Set(outputs);
  const kept = nodes.toReversed().filter((node) => {
    if (!node.outputs.some((name) => needed.has(name))) return false;
    for (const name of namesRead(node)) needed.add(name);
    return true;
  });
  return { nodes: kept.reverse(), initializers: initializers.filter(({ name }) => needed.has(name)) };
}
