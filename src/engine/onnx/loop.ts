import type { NdArray } from "../array/index.ts";
import type { Tensor } from "../tensor/index.ts";
import { emitModel, info } from "./emit.ts";
import type { EmitOptions } from "./emitter.ts";
import { namesRead } from "./graphs.ts";
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, ValueInfo } from "./model.ts";

export interface LoopRequest {
  readonly name: string;
  /** One step: from the placeholder `before` to `after`, of one type. */
  readonly before: Tensor;
  readonly after: Tensor;
  /** What the file calls the first state and the last. */
  readonly input: string;
  readonly output: string;
  /** Placeholders of the numbers that each step has for itself, with the rows of all steps: [count, ...row], float32. */
  readonly tables: ReadonlyMap<Tensor, NdArray>;
  /** What stays the same in all steps: more inputs of the file. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly count: number;
  readonly options: EmitOptions;
}

/** Names inside; a file's own inputs and outputs must not have them. */
export const loopPrefix = "loop.";
const inner = {
  before: `${loopPrefix}before`,
  after: `${loopPrefix}after`,
  iteration: `${loopPrefix}iteration`,
  going: `${loopPrefix}going`,
  goesOn: `${loopPrefix}goesOn`,
  count: `${loopPrefix}count`,
  row: (i: number) => `${loopPrefix}row${i}`,
  table: (i: number) => `${loopPrefix}table${i}`,
};

/**
 * The ONNX model that takes `count` steps by one Loop: a file with the nodes of one step, however many there are. What
 * does not depend on the state or the step's rows is computed once, before the loop.
 */
export function loopModel(request: LoopRequest): OnnxModel {
  const rows = [...request.tables.keys()].map((tensor, i): [string, Tensor] => [inner.row(i), tensor]);
  const model = emitModel({
    name: request.name,
    inputs: new Map([[inner.before, request.before], ...rows, ...request.inputs]),
    outputs: new Map([[inner.after, request.after]]),
    options: request.options,
    reserved: [request.input, request.output],
  });
  const { step, before } = parted(
    model.graph.nodes,
    rows.map(([name]) => name),
  );
  const loop: OnnxNode = {
    op: "Loop",
    inputs: [inner.count, "", request.input],
    outputs: [request.output],
    attributes: { body: { graph: body(request, step) } },
    name: "steps",
  };
  return { ...model, graph: around(request, [...before, loop], model.graph.initializers) };
}

/** The nodes that a step's state or rows reach, and those that can go before the loop. */
function parted(nodes: readonly OnnxNode[], rows: readonly string[]) {
  const varying = new Set([inner.before, inner.after, ...rows]);
  const step = nodes.filter((node) => {
    const varies = [...namesRead(node), ...node.outputs].some((name) => varying.has(name));
    if (varies) for (const name of node.outputs) varying.add(name);
    return varies;
  });
  return { step, before: nodes.filter((node) => !step.includes(node)) };
}

function body({ name, before, after, tables }: LoopRequest, step: readonly OnnxNode[]): OnnxGraph {
  const gathers = [...tables].map(
    (_, i): OnnxNode => ({
      op: "Gather",
      inputs: [inner.table(i), inner.iteration],
      outputs: [inner.row(i)],
      name: `row_${i}`,
    }),
  );
  const goOn: OnnxNode = { op: "Identity", inputs: [inner.going], outputs: [inner.goesOn], name: "go_on" };
  const going: ValueInfo = { name: inner.going, dtype: "bool", shape: [] };
  const iteration: ValueInfo = { name: inner.iteration, dtype: "int64", shape: [] };
  return {
    name: `${name}_step`,
    nodes: [...gathers, ...step, goOn],
    inputs: [iteration, going, info(inner.before, before)],
    outputs: [{ ...going, name: inner.goesOn }, info(inner.after, after)],
    initializers: [],
  };
}

/** The outer graph, which keeps all numbers: the body reads them from around it. */
function around(
  { name, before, after, inputs, input, output, tables, count }: LoopRequest,
  nodes: readonly OnnxNode[],
  weights: readonly OnnxTensor[],
): OnnxGraph {
  const steps: OnnxTensor = {
    name: inner.count,
    dtype: "int64",
    shape: [],
    data: BigInt64Array.of(BigInt(count)),
  };
  const rows = [...tables.values()].map(
    ({ shape, dtype, data }, i): OnnxTensor => ({ name: inner.table(i), dtype, shape, data }),
  );
  return {
    name,
    nodes,
    inputs: [info(input, before), ...[...inputs].map(([key, tensor]) => info(key, tensor))],
    outputs: [info(output, after)],
    initializers: [steps, ...rows, ...weights],
  };
}
