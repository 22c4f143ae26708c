import { expect, test } from "vitest";
import { key } from "../../../src/engine/random/index.ts";
import { type Draw, declarations, input, mapTree } from "../../../src/engine/tensor/index.ts";
import { type Condition, type Model, type Params, residualMlp, unet2d } from "../../../src/nn/index.ts";

const float = (shape: readonly number[]) => input("a", { shape, dtype: "float32" });

function traced<P extends Params>(model: Model<P, Condition>, shape: readonly number[], draw?: Draw) {
  const params = mapTree(model.init(key(1)), ({ shape: own }) => float(own));
  return model.apply(params as unknown as P, float([2, ...shape]), float([2]), undefined, draw);
}

function drawnBy<P extends Params>(model: Model<P, Condition>, shape: readonly number[]): string[] {
  const { draw, declared } = declarations();
  traced(model, shape, draw);
  return declared.map(({ attributes }) => attributes.name);
}

const unet = { shape: [1, 4, 4] as const, widths: [2, 4], groups: 2 };

test("every block of a residual MLP and of a 2-D U-Net draws its own dropout", () => {
  expect(drawnBy(residualMlp({ size: 3, hidden: 4, depth: 2, dropout: 0.1 }), [3])).toEqual([
    "blocks.0/dropout",
    "blocks.1/dropout",
  ]);
  expect(drawnBy(unet2d({ ...unet, blocksPerLevel: 2, dropout: 0.1 }), [1, 4, 4])).toEqual([
    "down.0/block.0/dropout",
    "down.0/block.1/dropout",
    "down.1/block.0/dropout",
    "down.1/block.1/dropout",
    "mid.block_1/dropout",
    "mid.block_2/dropout",
    "up.1/block.0/dropout",
    "up.1/block.1/dropout",
    "up.0/block.0/dropout",
    "up.0/block.1/dropout",
  ]);
});

test("without a rate nothing is drawn", () => {
  expect(drawnBy(residualMlp({ size: 3, hidden: 4, depth: 2 }), [3])).toEqual([]);
  expect(drawnBy(unet2d(unet), [1, 4, 4])).toEqual([]);
});
