import type { Attribute, OnnxGraph, OnnxNode } from "./model.ts";

/** The graphs in a node's attributes: branches, bodies of loops. */
export function innerGraphs({ attributes }: OnnxNode): OnnxGraph[] {
  return Object.values(attributes ?? {}).flatMap((attribute) => {
    if ("graph" in attribute) return [attribute.graph];
    return "graphs" in attribute ? [...attribute.graphs] : [];
  });
}

/** The node with each of its graphs replaced. */
export function mapGraphs(node: OnnxNode, replace: (graph: OnnxGraph) => OnnxGraph): OnnxNode {
  if (innerGraphs(node).length === 0) return node;
  const mapped = (attribute: Attribute): Attribute => {
    if ("graph" in attribute) return { graph: replace(attribute.graph) };
    return "graphs" in attribute ? { graphs: attribute.graphs.map(replace) } : attribute;
  };
  const entries = Object.entries(node.attributes ?? {}).map(
    ([name, value]) => [name, mapped(value)] as const,
  );
  return { ...node, attributes: Object.fromEntries(entries) };
}

/** Every node of the graph and of the graphs inside. */
export function allNodes(graph: OnnxGraph): OnnxNode[] {
  return graph.nodes.flatMap((node) => [node, ...innerGraphs(node).flatMap(allNodes)]);
}

/** Every name a node reads: its inputs, and what its inner graphs read from around it. */
export function namesRead(node: OnnxNode): string[] {
  return [...node.inputs, ...innerGraphs(node).flatMap(graphReads)].filter((name) => name !== "");
}

function graphReads(graph: OnnxGraph): string[] {
  const own = new Set([
    ...[...graph.inputs, ...graph.initializers].map(({ name }) => name),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ]);
  const read = [...graph.nodes.flatMap(namesRead), ...graph.outputs.map(({ name }) => name)];
  return read.filter((name) => !own.has(name));
}
