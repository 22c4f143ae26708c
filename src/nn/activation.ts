import {
  add,
  erf,
  exp,
  logSoftmax,
  mish,
  mul,
  relu,
  sigmoid,
  silu,
  softmax,
  softplus,
  split,
  sub,
  type Tensor,
  tanh,
} from "../engine/tensor/index.ts";

/** x Phi(x) = x (1 + erf(x / sqrt 2)) / 2 [hendrycks2016] */
export function gelu(x: Tensor): Tensor {
  return mul(x, add(mul(erf(mul(x, Math.SQRT1_2)), 0.5), 0.5));
}

/** GELU with Phi(x) taken as sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3): PyTorch's approximate="tanh". */
export function geluTanh(x: Tensor): Tensor {
  const twice = 2 * Math.sqrt(2 / Math.PI);
  const u = mul(x, add(mul(mul(x, x), twice * 0.044715), twice));
  return mul(x, sigmoid(u));
}

/** x where x > 0, else alpha (exp(x) - 1); the derivative at 0 is alpha. */
export function elu(x: Tensor, alpha = 1): Tensor {
  const positive = relu(x);
  return add(positive, mul(sub(exp(sub(x, positive)), 1), alpha));
}

/** ELU, scaled so that activations keep mean 0 and variance 1 [klambauer2017] */
export function selu(x: Tensor): Tensor {
  return mul(elu(x, 1.6732632423543772), 1.0507009873554805);
}

/** x where x > 0, else slope x; the derivative at 0 is slope. */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  return add(mul(x, slope), mul(relu(x), 1 - slope));
}

/** x min(max(x + 3, 0), 6) / 6 */
export function hardswish(x: Tensor): Tensor {
  return mul(x, mul(sub(relu(add(x, 3)), relu(sub(x, 3))), 1 / 6));
}

/** a sigmoid(b), where a and b are the halves of the last axis */
export function glu(x: Tensor): Tensor {
  const [a, b] = split(x, 2, -1) as [Tensor, Tensor];
  return mul(a, sigmoid(b));
}

/** By name, for models described as data. softmax, logSoftmax and glu act along the last axis; glu halves it. */
export const activations = {
  relu,
  silu,
  gelu,
  geluTanh,
  mish,
  tanh,
  sigmoid,
  softplus,
  elu: (x: Tensor) => elu(x),
  selu,
  leakyRelu: (x: Tensor) => leakyRelu(x),
  hardswish,
  softmax: (x: Tensor) => softmax(x),
  logSoftmax: (x: Tensor) => logSoftmax(x),
  glu,
} as const satisfies Readonly<Record<string, (x: Tensor) => Tensor>>;

/** Activations that keep the shape. */
export type Activation = Exclude<keyof typeof activations, "glu">;
