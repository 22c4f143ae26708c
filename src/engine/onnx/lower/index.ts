import type { OpName } from "../../tensor/index.ts";
import { elementwiseLowerings } from "./elementwise.ts";
import { layoutLowerings } from "./layout.ts";
import type { Lowering } from "./lowering.ts";
import { matmul } from "./matmul.ts";
import { reduceLowerings } from "./reduce.ts";

/** What emitModel places itself: leaves, the identity, and foreign models. */
type Placed = "input" | "constant" | "stop" | "call";
type Rewritten = "conv" | "convTranspose" | "convWeight" | "mish" | "opaque";

/** How each primitive becomes ONNX operations. */
export const lowerings: { readonly [Op in Exclude<OpName, Placed | Rewritten>]: Lowering<Op> } = {
  ...elementwiseLowerings,
  ...reduceLowerings,
  ...layoutLowerings,
  matmul,
};
