import "./methods.ts";

export { divergence, hutchinson } from "./divergence.ts";
export { type Declarations, type Draw, declarations } from "./draw.ts";
export { einsum } from "./einsum.ts";
export { flopsOf } from "./flops.ts";
export {
  ancestors,
  grad,
  jvp,
  type PullbackRequest,
  type PushforwardRequest,
  valueAndGrad,
  vjp,
} from "./gradient.ts";
export { interpret, interpretGraph } from "./interpret.ts";
export * from "./ops/convolution.ts";
export * from "./ops/elementwise.ts";
export * from "./ops/indexing.ts";
export * from "./ops/layout.ts";
export * from "./ops/linear.ts";
export * from "./ops/logic.ts";
export * from "./ops/pieces.ts";
export * from "./ops/reduce.ts";
export type {
  Distribution,
  ForeignModel,
  OpName,
  Primitives,
  TensorDType,
  TensorType,
  Window,
} from "./primitives.ts";
export { sameShape } from "./shape.ts";
export {
  constant,
  input,
  is,
  isConstant,
  isFloat,
  node,
  type Operand,
  type Range,
  type Reduction,
  Tensor,
  uniformValue,
} from "./tensor.ts";
export {
  leaves,
  type Mapped,
  type MappedList,
  mapTree,
  namedLeaves,
  type Shaped,
  withLeaves,
} from "./tree.ts";
export { opaque } from "./views.ts";
