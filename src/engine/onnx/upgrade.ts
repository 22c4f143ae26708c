import { AdvectError } from "../error.ts";
import { allNodes, mapGraphs } from "./graphs.ts";
import type { Attribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from "./model.ts";

/** Files from before `oldest` mean other things by the same words; after `newest` nobody has looked. */
const oldest = 13;
const newest = 28;

/** A node of an older operator set in the words of the next, with the constants it now takes as inputs. */
type Change = (
  node: OnnxNode,
) => { readonly node: OnnxNode; readonly constants?: readonly OnnxTensor[] } | string;

interface Step {
  /** The first operator set that reads the node differently. */
  readonly version: number;
  /** Returns what is wrong when advect cannot translate the node. */
  readonly change: Change;
}

const axesBecomeInput: Step = {
  version: 18,
  change: (node) => {
    const axes = node.attributes?.axes;
    return axes && "ints" in axes
      ? attributeToInput(node, "axes", { values: axes.ints, shape: [axes.ints.length] })
      : { node };
  },
};

/**
 * Every operator that a newer operator set, from 14 to 28, reads differently: all other changes in onnx.defs add types,
 * or attributes and inputs whose default is the old behaviour.
 */
const steps: Readonly<Record<string, Step>> = {
  ReduceL1: axesBecomeInput,
  ReduceL2: axesBecomeInput,
  ReduceLogSum: axesBecomeInput,
  ReduceLogSumExp: axesBecomeInput,
  ReduceMax: axesBecomeInput,
  ReduceMean: axesBecomeInput,
  ReduceMin: axesBecomeInput,
  ReduceProd: axesBecomeInput,
  ReduceSumSquare: axesBecomeInput,
  Split: {
    version: 18,
    change: (node) =>
      node.inputs[1] ? { node } : { node: withAttribute(node, "num_outputs", { int: node.outputs.length }) },
  },
  RoiAlign: {
    version: 16,
    change: (node) => ({
      node: withAttribute(node, "coordinate_transformation_mode", { string: "output_half_pixel" }),
    }),
  },
  GridSample: {
    version: 20,
    change: (node) => {
      const mode = node.attributes?.mode ?? { string: "bilinear" };
      const name = "string" in mode ? mode.string.replace(/^bi/, "") : "linear";
      return { node: withAttribute(node, "mode", { string: name }) };
    },
  },
  DFT: {
    version: 20,
    change: (node) => {
      const axis = node.attributes?.axis ?? { int: 1 };
      const padded = { ...node, inputs: [node.inputs[0] ?? "", node.inputs[1] ?? ""] };
      return attributeToInput(padded, "axis", { values: "int" in axis ? [axis.int] : [1], shape: [] });
    },
  },
  BatchNormalization: {
    version: 14,
    change: (node) =>
      node.outputs.slice(1).some(Boolean) ? "BatchNormalization in training mode" : { node },
  },
  GroupNormalization: { version: 21, change: () => "GroupNormalization with one scale per group" },
};

function withAttribute(node: OnnxNode, name: string, value: Attribute): OnnxNode {
  return { ...node, attributes: { ...node.attributes, [name]: value } };
}

function attributeToInput(
  node: OnnxNode,
  name: string,
  { values, shape }: { readonly values: readonly (number | bigint)[]; readonly shape: readonly number[] },
): { node: OnnxNode; constants: OnnxTensor[] } {
  const { [name]: _, ...attributes } = node.attributes ?? {};
  const constant = `${node.outputs[0]}:${name}`;
  const data = BigInt64Array.from(values, BigInt);
  return {
    node: { ...node, attributes, inputs: [...node.inputs, constant] },
    constants: [{ name: constant, dtype: "int64", shape, data }],
  };
}

/**
 * The operator sets of one model that holds nodes of all `models` and of advect: the newest of ONNX's own, since
 * `upgraded` brings the others there. ONNX Runtime reads the body of a local function with the versions of the model
 * around it, whatever the function declares, so functions cannot keep versions apart.
 * Throws "unsupported" for versions that cannot be brought together.
 */
export function mergeOpsets(own: OnnxModel["opsets"], models: readonly OnnxModel[]): Record<string, number> {
  const merged = new Map(Object.entries(own));
  for (const { opsets, graph } of models) {
    const used = new Set(["", ...allNodes(graph).map(({ domain = "" }) => domain)]);
    for (const [domain, version] of Object.entries(opsets).filter(([name]) => used.has(name))) {
      const other = merged.get(domain) ?? version;
      if (domain !== "" && other !== version) {
        throw refusal(
          `one version of the operators of "${domain}"`,
          `${other} and ${version}`,
          "mergeOpsets",
        );
      }
      merged.set(domain, Math.max(other, version));
    }
  }
  return Object.fromEntries(merged);
}

export interface Target {
  readonly to: number;
  /** Names the file in errors. */
  readonly where?: string;
}

/** The model's graph in the words of operator set `to`. Throws "unsupported" where that is not possible. */
export function upgraded(model: OnnxModel, { to, where = "importOnnx" }: Target): OnnxGraph {
  const from = Object.hasOwn(model.opsets, "") ? model.opsets[""]! : to;
  const last = Math.min(to, newest);
  if (from < oldest || from > last) throw refusal(`operator set ${oldest} to ${last}`, `${from}`, where);
  return upgradedGraph(model.graph, { from, to, where });
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly where: string;
}

function upgradedGraph(graph: OnnxGraph, span: Span): OnnxGraph {
  const constants: OnnxTensor[] = [];
  const nodes = graph.nodes.map((outer) => {
    const node = mapGraphs(outer, (inner) => upgradedGraph(inner, span));
    const step = node.domain || !Object.hasOwn(steps, node.op) ? undefined : steps[node.op]!;
    if (!step || step.version <= span.from || step.version > span.to) return node;
    const changed = step.change(node);
    if (typeof changed === "string")
      throw refusal(`operator set ${step.version} or newer`, changed, span.where);
    constants.push(...(changed.constants ?? []));
    return changed.node;
  });
  return { ...graph, nodes, initializers: [...graph.initializers, ...constants] };
}

function refusal(expected: string, got: string, where: string): AdvectError {
  return new AdvectError("unsupported", where, {
    expected,
    got,
    fix: "Convert the model with onnx.version_converter.convert_version(model, 21), or export it again.",
  });
}
