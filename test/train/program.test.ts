import { describe, expect, test } from "vitest";
import { type Tensor, transpose } from "../../src/engine/tensor/index.ts";
import { program } from "../../src/train/program.ts";
import { firstParams, netLoss, netSignature } from "./regression.ts";

const request = { params: firstParams, loss: netLoss, signature: netSignature };
const shapes = (tensors: ReadonlyMap<string, Tensor>) =>
  Object.fromEntries([...tensors].map(([name, { shape }]) => [name, [...shape]]));

describe("program", () => {
  test("takes small parameters as one array, and gives their gradients as one", () => {
    const { graph, layout } = program(request);
    expect(layout.smallLength).toBe(700 + 1400);
    expect(shapes(graph.inputs)).toEqual({
      "p ": [2100],
      "p first.w": [3, 700],
      0: [8, 3],
      1: [8, 2],
    });
    expect(shapes(graph.outputs)).toEqual({ loss: [], "d ": [2100], "d first.w": [3, 700] });
  });

  test("takes every parameter as an array of its own where none counts as small", () => {
    const { graph } = program({ ...request, smallBelow: 0 });
    expect(Object.keys(shapes(graph.inputs)).sort()).toEqual([
      "0",
      "1",
      "p first.b",
      "p first.w",
      "p last.w",
    ]);
    expect(shapes(graph.outputs)).toMatchObject({ "d first.b": [700], "d last.w": [700, 2] });
  });

  test("holds a parameter in the arrangement that its only use asks for", () => {
    const loss = ({ first }: { first: { w: Tensor } }, x: Tensor) => transpose(first.w).mul(x.sum()).sum();
    const { graph } = program({ ...request, loss: loss as never });
    expect(graph.inputs.get("p first.w")!.shape).toEqual([700, 3]);
    expect(graph.outputs.get("d first.w")!.shape).toEqual([700, 3]);
  });
});
