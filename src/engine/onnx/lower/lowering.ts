import type { OpName, Tensor } from "../../tensor/index.ts";
import type { Emitter, Ref } from "../emitter.ts";

/** Adds the ONNX nodes that compute y from its inputs' values, and names the result. */
export type Lowering<Op extends OpName> = (e: Emitter, y: Tensor<Op>, ...inputs: [Ref, Ref, Ref]) => Ref;
