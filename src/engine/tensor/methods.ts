import type { Shape } from "../array/nd-array.ts";
import * as elementwise from "./ops/elementwise.ts";
import * as layout from "./ops/layout.ts";
import * as linear from "./ops/linear.ts";
import * as pieces from "./ops/pieces.ts";
import * as reduce from "./ops/reduce.ts";
import type { TensorDType } from "./primitives.ts";
import { type Methods, type Operand, type Range, type Reduction, Tensor } from "./tensor.ts";

const binary = (fn: (a: Tensor, b: Operand) => Tensor) =>
  function (this: Tensor, other: Operand): Tensor {
    return fn(this, other);
  };

const unary = (fn: (x: Tensor) => Tensor) =>
  function (this: Tensor): Tensor {
    return fn(this);
  };

const reduction = (fn: (x: Tensor, options?: Reduction) => Tensor) =>
  function (this: Tensor, options?: Reduction): Tensor {
    return fn(this, options);
  };

const methods: Methods & ThisType<Tensor> = {
  add: binary(elementwise.add),
  sub: binary(elementwise.sub),
  mul: binary(elementwise.mul),
  div: binary(elementwise.div),
  pow: binary(elementwise.pow),
  neg: unary(elementwise.neg),
  abs: unary(elementwise.abs),
  exp: unary(elementwise.exp),
  log: unary(elementwise.log),
  sqrt: unary(elementwise.sqrt),
  sin: unary(elementwise.sin),
  cos: unary(elementwise.cos),
  tanh: unary(elementwise.tanh),
  sum: reduction(reduce.sum),
  mean: reduction(reduce.mean),
  max: reduction(reduce.max),
  min: reduction(reduce.min),
  cast(this: Tensor, dtype: TensorDType): Tensor {
    return elementwise.cast(this, dtype);
  },
  matmul(this: Tensor, other: Tensor, flags?: linear.Transposed): Tensor {
    return linear.matmul(this, other, flags);
  },
  reshape(this: Tensor, shape: Shape): Tensor {
    return layout.reshape(this, shape);
  },
  transpose(this: Tensor, permutation?: readonly number[]): Tensor {
    return layout.transpose(this, permutation);
  },
  expand(this: Tensor, shape: Shape): Tensor {
    return layout.expand(this, shape);
  },
  slice(this: Tensor, ranges: Range | readonly Range[]): Tensor {
    return pieces.slice(this, ranges);
  },
};

Object.assign(Tensor.prototype, methods);
