import { AdvectError } from "../../error.ts";
import type { OpName, Primitives, TensorType } from "../primitives.ts";
import { binaryKernels, cast, unaryKernels, where } from "./elementwise.ts";
import type { Kernel, Numbers } from "./kernel.ts";
import { layoutKernels } from "./layout.ts";
import { linearKernels } from "./linear.ts";
import { reduceKernels } from "./reduce.ts";

export type { Numbers } from "./kernel.ts";

type Computed = Exclude<OpName, "input" | "constant" | "call">;

const table: { readonly [Op in Computed]: Kernel<Op> } = {
  ...unaryKernels,
  ...binaryKernels,
  where,
  cast,
  ...reduceKernels,
  ...layoutKernels,
  ...linearKernels,
};

/** Computes one primitive in float64; integer results are truncated towards 0. Throws "unsupported" for what has no meaning outside a runtime. */
export function compute<Op extends OpName>(
  op: Op,
  inputs: readonly Numbers[],
  attributes: Primitives[Op],
  type: TensorType,
): Float64Array {
  const kernel = table[op as Computed] as Kernel<Op> | undefined;
  if (kernel) {
    const data = kernel(inputs, attributes, type);
    return type.dtype === "int32" ? data.map(Math.trunc) : data;
  }
  throw new AdvectError("unsupported", "interpret", {
    expected: "operations that the interpreter can compute",
    got: op,
    fix:
      op === "call" ? "Compile the graph: a foreign model runs only in ONNX Runtime." : "Feed every input.",
  });
}
