import { expect, test } from "vitest";
import { interpret, mul, type Tensor } from "../../../src/engine/tensor/index.ts";
import { type CompiledField, counted, guide, type VelocityField } from "../../../src/flow/field/index.ts";
import { doubles } from "../path/cases.ts";

const field: VelocityField = (x) => mul(x, 3);

test("counts the calls of a field, which stays the same", () => {
  const network = counted(field);
  expect(network.calls).toBe(0);
  const twice = (x: Tensor, t: Tensor) => network(network(x, t), t);
  expect([...interpret(twice, doubles([1, 2]), doubles([0, 0])).data]).toEqual([9, 18]);
  expect(network.calls).toBe(2);
});

test("around the network, it sees both calls of guidance; around the guided field, one", () => {
  const network = counted(field);
  const guided = counted(guide({ conditional: network, unconditional: network, scale: 2 }));
  interpret(guided, doubles([1]), doubles([0]));
  expect([network.calls, guided.calls]).toEqual([2, 1]);
});

test("counts the calls of a compiled field, and passes on what it throws", async () => {
  const compiled: CompiledField = async (x) => {
    if (x.shape.length === 0) throw new Error("no batch");
    return x;
  };
  const network = counted(compiled);
  expect(await network(doubles([4]), doubles([0]))).toEqual(doubles([4]));
  await expect(network({ ...doubles([4]), shape: [] }, doubles([0]))).rejects.toThrow("no batch");
  expect(network.calls).toBe(2);
});

test("counts are separate, and cannot be written", () => {
  const [first, second] = [counted(field), counted(field)];
  interpret(first, doubles([1]), doubles([0]));
  expect([first.calls, second.calls]).toEqual([1, 0]);
  expect(() => Object.assign(first, { calls: 0 })).toThrow(TypeError);
});
