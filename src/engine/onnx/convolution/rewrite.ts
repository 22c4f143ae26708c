import { concat, is, matmul, node, reshape, slice, type Tensor, type Window } from "../../tensor/index.ts";
import { forward } from "./forward.ts";
import type { IndexCache } from "./geometry.ts";
import { inputGradient } from "./input-gradient.ts";
import { weightGradient } from "./weight-gradient.ts";

/** What a convolution becomes, by primitive. */
const rewrites = { conv: forward, convTranspose: inputGradient, convWeight: weightGradient };
type Convolution = keyof typeof rewrites;
type Rewrite = (y: Tensor<Convolution>, inputs: readonly [Tensor, Tensor], cache: IndexCache) => Tensor;

export function isConvolution(tensor: Tensor): tensor is Tensor<Convolution> {
  return tensor.op in rewrites;
}

/**
 * A convolution as gathers and matrix products, which on a CPU are faster than ONNX's Conv in training: its kernels
 * handle one image at a time, and none computes the weight's gradient.
 */
export function rewriteConvolution(
  y: Tensor<Convolution>,
  inputs: readonly Tensor[],
  cache: IndexCache,
): Tensor {
  const [a, b] = inputs as [Tensor, Tensor];
  if (y.attributes.groups > 1) return grouped(y, [a, b], cache);
  if (isPointwise(y)) return pointwise(y, [a, b]);
  return (rewrites[y.op] as Rewrite)(y, [a, b], cache);
}

/** A kernel of one tap with steps of one: a matrix product over the channels. */
function isPointwise(y: Tensor<Convolution>): boolean {
  const { stride, padding } = y.attributes;
  const w = is("convWeight", y) ? y : y.inputs[1]!;
  const single = w.shape.slice(1, -1).every((length) => length === 1);
  return (
    single && stride.every((step) => step === 1) && padding.every(([before, after]) => before + after === 0)
  );
}

function pointwise(y: Tensor<Convolution>, [a, b]: readonly [Tensor, Tensor]): Tensor {
  const flat = (x: Tensor) => reshape(x, [-1, x.shape.at(-1)!]);
  if (is("convWeight", y)) return reshape(matmul(flat(b), flat(a), { transposeA: true }), y.shape);
  const w = reshape(b, [b.shape[0]!, b.shape.at(-1)!]);
  return reshape(matmul(flat(a), w, { transposeB: is("conv", y) }), y.shape);
}

/** Each group is a convolution of its own, on its share of the channels. */
function grouped(y: Tensor<Convolution>, [a, b]: readonly [Tensor, Tensor], cache: IndexCache): Tensor {
  const { groups } = y.attributes;
  const window: Window = { ...y.attributes, groups: 1 };
  const share = (x: Tensor, axis: number, g: number) => {
    const length = x.shape.at(axis)! / groups;
    return slice(x, { axis, start: g * length, stop: (g + 1) * length });
  };
  const outputAxis = is("convWeight", y) ? 0 : -1;
  const parts = Array.from({ length: groups }, (_, g) => {
    const inputs = [share(a, -1, g), share(b, is("convWeight", y) ? -1 : 0, g)];
    const shape = y.shape.map((length, axis) =>
      axis === (outputAxis + y.rank) % y.rank ? length / groups : length,
    );
    return rewriteConvolution(
      node(y.op, inputs, window, { shape, dtype: y.dtype }) as Tensor<Convolution>,
      inputs,
      cache,
    );
  });
  return concat(parts, outputAxis);
}
