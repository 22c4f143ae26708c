import { is, type Tensor } from "../tensor/index.ts";
import type { Emission, Ref } from "./emitter.ts";
import { decodeForeign } from "./import.ts";
import { inlineForeign } from "./inline.ts";
import { defaults, type OnnxModel } from "./model.ts";
import { mergeOpsets } from "./upgrade.ts";

/** Places the foreign models that a graph calls: one copy for each set of inputs, one copy of the weights for all. */
export interface Calls {
  /** Operator sets that suit advect's nodes and every called model's. */
  readonly opsets: OnnxModel["opsets"];
  /** The value of a call's output; places the model's nodes when it is the first. */
  ref(y: Tensor<"call">, inputs: readonly Ref[]): Ref;
}

/** Throws "unsupported" for a model whose operators cannot stand beside advect's. */
export function placedCalls(tensors: readonly Tensor[], emission: Emission): Calls {
  const calls = tensors.filter((tensor): tensor is Tensor<"call"> => is("call", tensor));
  const files = [...new Set(calls.map((y) => y.attributes.model.bytes))];
  const modelOf = (y: Tensor<"call">) => decodeForeign(y.attributes.model);
  const opsets = calls.length === 0 ? defaults.opsets : mergeOpsets(defaults.opsets, calls.map(modelOf));
  const placed = new Map<string, string>();
  const stored = new Set<string>();

  const place = (y: Tensor<"call">, inputs: readonly Ref[], prefix: string) => {
    const { model } = y.attributes;
    const outputs = calls.filter((other) => isSameCall(other, y)).map((other) => outputOf(other));
    const { nodes, initializers } = inlineForeign(modelOf(y), {
      prefix: `${prefix}.`,
      weights: `file${files.indexOf(model.bytes)}.`,
      inputs: Object.fromEntries(model.inputs.map((name, i) => [name, inputs[i]!])),
      outputs: Object.fromEntries(outputs.map((name) => [name, resultName(prefix, name)])),
      opset: opsets[""]!,
    });
    emission.nodes.push(...nodes);
    emission.initializers.push(...initializers.filter(({ name }) => !stored.has(name)));
    for (const { name } of initializers) stored.add(name);
  };

  return {
    opsets,
    ref(y, inputs) {
      const key = `${files.indexOf(y.attributes.model.bytes)}(${inputs})`;
      const prefix = placed.get(key) ?? `call${placed.size}`;
      if (!placed.has(key)) place(y, inputs, prefix);
      placed.set(key, prefix);
      return resultName(prefix, outputOf(y));
    },
  };
}

const outputOf = ({ attributes: { model, output } }: Tensor<"call">): string => model.outputs[output]!.name;
const resultName = (prefix: string, output: string): string => `${prefix}:${output}`;

function isSameCall(a: Tensor<"call">, b: Tensor<"call">): boolean {
  return a.attributes.model.bytes === b.attributes.model.bytes && a.inputs.every((x, i) => x === b.inputs[i]);
}
