import { asType } from "../array/index.ts";
import { AdvectError } from "../error.ts";
import { ancestors, is, type OpName, type Tensor } from "../tensor/index.ts";
import { type Calls, placedCalls } from "./calls.ts";
import { type Emission, type EmitOptions, type Emitter, emitter, type Ref } from "./emitter.ts";
import { innerGraphs, namesRead } from "./graphs.ts";
import { lowerings } from "./lower/index.ts";
import type { Lowering } from "./lower/lowering.ts";
import { defaults, type OnnxModel, type OnnxNode, type ValueInfo } from "./model.ts";
import { rewriteGraph } from "./rewrite.ts";

export interface GraphRequest {
  readonly name: string;
  /** Tensors the caller feeds, by the names they get; an input the graph does not use is kept. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly outputs: ReadonlyMap<string, Tensor>;
  readonly options: EmitOptions;
  /** More names that no value inside may have. */
  readonly reserved?: readonly string[];
}

/**
 * The ONNX model that computes the outputs from the inputs. Equal graphs give equal models.
 * Throws "option" when an output depends on an input that is not listed.
 */
export function emitModel({ name, inputs, outputs, options, reserved = [] }: GraphRequest): OnnxModel {
  const became = rewriteGraph([...outputs.values()]);
  const results = new Map([...outputs].map(([key, tensor]): [string, Tensor] => [key, became.get(tensor)!]));
  const tensors = ancestors([...results.values()]);
  const emission: Emission = { nodes: [], initializers: [] };
  const refs = new Map<Tensor, Ref>();
  for (const [inputName, tensor] of inputs) refs.set(tensor, inputName);
  const e = emitter(options, emission, {
    refs,
    users: usersOf(tensors),
    outputs: new Set(results.values()),
    taken: new Set([...inputs.keys(), ...outputs.keys(), ...reserved]),
  });
  const calls = placedCalls(tensors, emission);
  for (const tensor of tensors) if (!refs.has(tensor)) refs.set(tensor, lower(e, tensor, calls));
  const nodes = live(named(emission.nodes, { inputs, outputs: results, refs }), outputs.keys());
  const read = new Set(nodes.flatMap(namesRead));
  return {
    ...defaults,
    opsets: usedOpsets(nodes, calls.opsets),
    graph: {
      name,
      nodes,
      inputs: [...inputs].map(([key, tensor]) => info(key, tensor)),
      outputs: [...outputs].map(([key, tensor]) => info(key, tensor)),
      initializers: emission.initializers.filter((initializer) => read.has(initializer.name)),
    },
  };
}

function usedOpsets(nodes: readonly OnnxNode[], opsets: OnnxModel["opsets"]): Record<string, number> {
  const domains = new Set(["", ...nodes.flatMap(domainsOf)]);
  return Object.fromEntries(Object.entries(opsets).filter(([domain]) => domains.has(domain)));
}

function domainsOf(node: OnnxNode): string[] {
  return [node.domain ?? "", ...innerGraphs(node).flatMap((graph) => graph.nodes.flatMap(domainsOf))];
}

export const info = (name: string, { dtype, shape }: Tensor): ValueInfo => ({ name, dtype, shape });

function lower(e: Emitter, y: Tensor, calls: Calls): Ref {
  const inputs = y.inputs.map(e.ref) as [Ref, Ref, Ref];
  if (is("constant", y)) return e.literal(asType(y.attributes.value, y.dtype));
  if (is("stop", y)) return inputs[0];
  if (is("call", y)) return calls.ref(y, inputs);
  if (!is("input", y))
    return (lowerings[y.op as keyof typeof lowerings] as Lowering<OpName>)(e, y, ...inputs);
  throw new AdvectError("option", "emitModel", {
    expected: "every input of the graph to be listed",
    got: `"${y.attributes.name}"`,
    fix: "A tensor from another trace cannot be used here: pass it as an argument.",
  });
}

function usersOf(tensors: readonly Tensor[]): Map<Tensor, Tensor[]> {
  const users = new Map<Tensor, Tensor[]>(tensors.map((tensor) => [tensor, []]));
  for (const tensor of tensors) for (const x of new Set(tensor.inputs)) users.get(x)!.push(tensor);
  return users;
}

/** The nodes with values renamed to the outputs they are; a value that already has a name is copied by an Identity. */
function named(nodes: readonly OnnxNode[], { inputs, outputs, refs }: Named): OnnxNode[] {
  const produced = new Set(nodes.flatMap((node) => node.outputs));
  const names = new Map<Ref, string>();
  const copies: OnnxNode[] = [];
  for (const [name, tensor] of outputs) {
    const ref = refs.get(tensor)!;
    if (produced.has(ref) && !names.has(ref) && !inputs.has(name)) names.set(ref, name);
    else
      copies.push({ op: "Identity", inputs: [names.get(ref) ?? ref], outputs: [name], name: `copy_${name}` });
  }
  const rename = (ref: Ref) => names.get(ref) ?? ref;
  return [
    ...nodes.map((node) => ({ ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) })),
    ...copies,
  ];
}

interface Named {
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly outputs: ReadonlyMap<string, Tensor>;
  readonly refs: ReadonlyMap<Tensor, Ref>;
}

/** The nodes that the outputs need; what a fusion left behind goes. */
function live(nodes: readonly OnnxNode[], outputs: Iterable<string>): OnnxNode[] {
  const needed = new Set(outputs);
  const kept = [...nodes].reverse().filter((node) => {
    if (!node.outputs.some((output) => needed.has(output))) return false;
    for (const name of namesRead(node)) needed.add(name);
    return true;
  });
  return kept.reverse();
}
