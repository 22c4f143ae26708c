import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { NdArray } from "../../../src/engine/array/index.ts";
import { emitModel, encodeModel, type OnnxModel } from "../../../src/engine/onnx/index.ts";
import { spec, trace } from "../../../src/engine/runtime/index.ts";
import { constant, mapTree, type Tensor } from "../../../src/engine/tensor/index.ts";
import type { Params } from "../../../src/nn/index.ts";
import { program } from "../../../src/train/program.ts";
import { histogram } from "./emitted.ts";
import {
  modelNamed,
  paramsOf,
  referenceModels,
  sampled,
  type Told,
  toldSpecs,
  trainingOf,
} from "./golden-models.ts";

/**
 * A refactoring proves here that it changes no graph; a change of the lowerings shows what it changes.
 * Refresh with: npx vitest run test/engine/onnx/golden-graphs.test.ts --update
 */
const options = { contrib: true, maxJoin: Number.POSITIVE_INFINITY, ownSines: false };

function described(model: OnnxModel): string {
  const bytes = encodeModel(model);
  const { nodes, initializers } = model.graph;
  return `${JSON.stringify(
    {
      nodes: nodes.length,
      initializers: initializers.length,
      bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
      operations: histogram(model),
    },
    null,
    2,
  )}\n`;
}

const file = (name: string) => `snapshots/${name.replaceAll(" ", "-")}.json`;

test.each(referenceModels)("the graph of a training step of $name is the recorded one", async (reference) => {
  const { graph } = program(trainingOf(reference, 4));
  const model = emitModel({ name: reference.name, ...graph, options });
  await expect(described(model)).toMatchFileSnapshot(file(reference.name));
});

test("the graph of a sampler of five steps is the recorded one", async () => {
  const reference = modelNamed("residual mlp with condition");
  const params = mapTree(paramsOf(reference), (array: NdArray) => constant(array)) as unknown as Params;
  const signature = [spec([1, ...reference.shape]), toldSpecs(reference, 1)] as const;
  const fn = (x: Tensor, told: Told) => sampled(reference, 5)(params, x, told);
  const { inputs, outputs } = trace<[Tensor, Told], Tensor>(fn, signature);
  const model = emitModel({ name: "sampler", inputs, outputs: new Map([["x1", outputs[0]!]]), options });
  await expect(described(model)).toMatchFileSnapshot(file("sampler"));
});
