import { describe, expect, test } from "vitest";
import type { NdArray } from "../../src/engine/array/index.ts";
import {
  ancestors,
  constant,
  input,
  interpretGraph,
  is,
  mean,
  type Tensor,
  vjp,
} from "../../src/engine/tensor/index.ts";
import * as nn from "../../src/nn/index.ts";
import {
  double,
  expectClose,
  type GoldenArray,
  type GoldenCase,
  goldenFile,
  integers,
} from "./golden-file.ts";

const file = goldenFile("layers");

/** Not offered by src/nn: reported by name. */
const skipped = new Set(["batch_norm"]);

const activationNames: Readonly<Record<string, keyof typeof nn.activations>> = {
  gelu_exact: "gelu",
  gelu_tanh: "geluTanh",
  leaky_relu: "leakyRelu",
  log_softmax: "logSoftmax",
};

type Tensors = Readonly<Record<string, Tensor>>;
/** inputs of the case, its parameters, and all of it -> results by the names of `expected` */
type Run = (x: Tensors, params: nn.Params, inputs: GoldenCase["inputs"]) => Tensors;

const only = (y: Tensor): Tensors => ({ y });

/** Dimensions of a layer, from its parameters. */
const at = (params: nn.Params, name: string): Tensor => params[name] as Tensor;

const convolutions = {
  conv1d: nn.conv1d,
  conv2d: nn.conv2d,
  conv_transpose1d: nn.convTranspose1d,
  conv_transpose2d: nn.convTranspose2d,
};

const convolution: Run = (
  { x },
  params,
  { op, kernel_size, stride, padding, dilation, groups, output_padding },
) => {
  const layer = convolutions[op as keyof typeof convolutions]({
    inputs: x!.shape[1]!,
    outputs: at(params, "bias").shape[0]!,
    kernel: kernel_size as number[],
    stride: stride as number[],
    padding: padding as number[],
    dilation: dilation as number[],
    groups: groups as number,
    ...(output_padding ? { outputPadding: output_padding as number[] } : {}),
  });
  return only(layer.apply(params as nn.AffineParams, x!));
};

const runs: Readonly<Record<string, Run>> = {
  sinusoidal_pos_emb: ({ x }, _, { dim }) => only(nn.sinusoidalEmbedding(x!, { size: dim as number })),
  timestep_embedding: ({ x }, _, { dim, max_period }) =>
    only(nn.timestepEmbedding(x!, { size: dim as number, maxPeriod: max_period as number })),
  activation({ x }, _, { activation }) {
    const name = activationNames[activation as string] ?? (activation as keyof typeof nn.activations);
    return only(nn.activations[name](x!));
  },
  linear: ({ x }, params) => {
    const [outputs, inputs] = at(params, "weight").shape as [number, number];
    return only(nn.linear({ inputs, outputs }).apply(params as nn.AffineParams, x!));
  },
  embedding: ({ x }, params) => {
    const [count, size] = at(params, "weight").shape as [number, number];
    return only(nn.embedding({ count, size }).apply(params as { weight: Tensor }, x!));
  },
  conv1d: convolution,
  conv2d: convolution,
  conv_transpose1d: convolution,
  conv_transpose2d: convolution,
  group_norm: ({ x }, params, { num_groups, eps }) => {
    const options = { groups: num_groups as number, channels: x!.shape[1]!, epsilon: eps as number };
    return only(nn.groupNorm(options).apply(params as nn.NormParams, x!));
  },
  layer_norm: ({ x }, params, { eps }) =>
    only(nn.layerNorm({ size: x!.shape.at(-1)!, epsilon: eps as number }).apply(params as nn.NormParams, x!)),
  lstm({ x, h0, c0 }, params, { hidden_size }) {
    const layer = nn.lstm({ inputs: x!.shape[2]!, hidden: hidden_size as number });
    const result = layer.apply(params as nn.RecurrentParams, x!, { hidden: h0!, cell: c0! });
    return { y: result.output, h_n: result.hidden, c_n: result.cell };
  },
  gru({ x, h0 }, params, { hidden_size }) {
    const layer = nn.gru({ inputs: x!.shape[2]!, hidden: hidden_size as number });
    const result = layer.apply(params as nn.RecurrentParams, x!, h0!);
    return { y: result.output, h_n: result.hidden };
  },
  attention: ({ q, k, v }, _, { causal }) => {
    const mask = causal ? nn.causalMask(q!.shape[2]!) : undefined;
    return only(nn.scaledDotProductAttention({ query: q!, key: k!, value: v!, mask }));
  },
  multihead_attention({ x }, params, { embed_dim, num_heads }) {
    const size = embed_dim as number;
    const heads = num_heads as number;
    const layer = nn.multiHeadAttention({ size, heads });
    const y = layer.apply(params as nn.AttentionParams, x!);
    return { y, mean_weights: mean(weightsIn(y), { axes: 1 }) };
  },
  loss({ x, target }, _, { loss, delta }) {
    const compared = { prediction: x!, target: target! };
    if (loss === "huber") return { loss: nn.huber({ ...compared, delta: delta as number }) };
    const losses = { mse: nn.mse, l1: nn.l1, smooth_l1: nn.smoothL1 };
    return { loss: losses[loss as keyof typeof losses](compared) };
  },
};

/** The attention that y was built with, [batch, heads, queries, places]: the layer does not return it. */
function weightsIn(y: Tensor): Tensor {
  const found = ancestors([y]).filter((tensor) => is("softmax", tensor));
  expect(found).toHaveLength(1);
  return found[0]!;
}

function isArray(value: unknown): value is GoldenArray {
  return typeof value === "object" && value !== null && Array.isArray((value as GoldenArray).data);
}

/** "out_proj.weight" -> { out_proj: { weight } } */
function nested(flat: Readonly<Record<string, Tensor>>): nn.Params {
  const tree: Record<string, Record<string, Tensor> | Tensor> = {};
  for (const [path, tensor] of Object.entries(flat)) {
    const [first, second] = path.split(".") as [string, string?];
    if (second === undefined) tree[first] = tensor;
    else tree[first] = { ...(tree[first] as Record<string, Tensor>), [second]: tensor };
  }
  return tree;
}

function feed(source: Readonly<Record<string, unknown>>, op: string, feeds: Map<Tensor, NdArray>) {
  const arrays = Object.entries(source).filter((entry): entry is [string, GoldenArray] => isArray(entry[1]));
  return Object.fromEntries(
    arrays.map(([name, value]) => {
      const array = op === "embedding" && name === "x" ? integers(value) : double(value);
      const tensor = input(name, { shape: array.shape, dtype: array.dtype as "int32" | "float64" });
      feeds.set(tensor, array);
      return [name, tensor];
    }),
  );
}

/** Everything the case expects, by path: y, h_n, grad_x, grad_params.weight, ... */
function results({ inputs }: GoldenCase): { tensors: Map<string, Tensor>; feeds: Map<Tensor, NdArray> } {
  const feeds = new Map<Tensor, NdArray>();
  const { grad_y, params, ...x } = inputs;
  const variables = feed(x, inputs.op, feeds);
  const weights = feed((params ?? {}) as Record<string, unknown>, "", feeds);
  const outputs = runs[inputs.op]!(variables, nested(weights), inputs);
  const tensors = new Map(Object.entries(outputs));
  const first = outputs.y ?? outputs.loss!;
  const cotangent = grad_y ? constant(double(grad_y as GoldenArray)) : constant(1, "float64");
  if (first.rank > 0 && !grad_y) return { tensors, feeds };
  const names = [
    ...Object.entries(variables).map(([name, tensor]): [string, Tensor] => [`grad_${name}`, tensor]),
    ...Object.entries(weights).map(([name, tensor]): [string, Tensor] => [`grad_params.${name}`, tensor]),
  ].filter(([, tensor]) => tensor.dtype === "float64");
  const gradients = vjp({
    outputs: [first],
    cotangents: [cotangent],
    wrt: names.map(([, tensor]) => tensor),
  });
  names.forEach(([name], i) => {
    tensors.set(name, gradients[i]!);
  });
  return { tensors, feeds };
}

/** What the file expects, by the same paths. */
function expectations({ expected }: GoldenCase): Map<string, GoldenArray> {
  const found = new Map<string, GoldenArray>();
  for (const [name, value] of Object.entries(expected)) {
    if (isArray(value)) found.set(name, value);
    else if (typeof value === "number") found.set(name, { shape: [], data: [value] });
    else for (const [child, array] of Object.entries(value as object)) found.set(`${name}.${child}`, array);
  }
  return found;
}

/** PyTorch takes softplus for the identity above 20, which is 2e-9 away from it. */
const tolerances: Readonly<Record<string, { rtol: number; atol: number }>> = {
  act_softplus_large: { rtol: 1e-9, atol: 3e-9 },
};

describe("golden layers", () => {
  for (const golden of file.cases) {
    if (skipped.has(golden.inputs.op)) {
      console.warn(`golden layers: "${golden.name}" is skipped, since src/nn has no ${golden.inputs.op}`);
      test.skip(golden.name, () => {});
      continue;
    }
    test(golden.name, () => {
      const { tensors, feeds } = results(golden);
      const expected = expectations(golden);
      expect(expected.size).toBeGreaterThan(0);
      const names = [...expected.keys()];
      expect([...tensors.keys()]).toEqual(expect.arrayContaining(names));
      const got = interpretGraph(
        names.map((name) => tensors.get(name)!),
        feeds,
      );
      names.forEach((name, i) => {
        expectClose(got[i]!, expected.get(name)!, tolerances[golden.name] ?? file.tolerance);
      });
    });
  }

  test("only the named operations are skipped", () => {
    const missing = file.cases.filter(({ inputs }) => !(inputs.op in runs)).map(({ name }) => name);
    expect(missing).toEqual(["batch_norm_train_then_eval"]);
    expect(file.cases).toHaveLength(40);
  });
});
