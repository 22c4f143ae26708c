// The gradient of a function, and the derivative of that gradient: write the function once, on symbolic tensors.
import { array, compile, grad, interpret, jvp, type NdArray, spec, type Tensor } from "advect/engine";

// f(x) = sum over i of x_i^2 sin(x_i)
const f = (x: Tensor) => x.mul(x).mul(x.sin()).sum();
const gradient = (x: Tensor) => grad(f(x), x);
/** The Hessian times a direction: the gradient is a tensor like any other, so it can be differentiated again. */
const hessianTimes = (x: Tensor, direction: Tensor) =>
  jvp({ outputs: [gradient(x)], wrt: [x], tangents: [direction] })[0]!;

const x = array([-1, 0.5, 2]);
const direction = array([1, 1, 1]);

// At once and in float64, without a runtime: for single values and for tests.
print("f(x)", interpret(f, x));
print("gradient", interpret(gradient, x));

// Compiled for vectors of length 3: for what runs often.
const fast = await compile(
  (x: Tensor, v: Tensor) => ({ gradient: gradient(x), curvature: hessianTimes(x, v) }),
  [spec([3]), spec([3])],
);
try {
  const result = await fast(x, direction);
  print("compiled gradient", result.gradient);
  print("Hessian times (1, 1, 1)", result.curvature);
} finally {
  fast[Symbol.dispose]();
}

// By hand: f' = 2 x sin x + x^2 cos x
const byHand = [-1, 0.5, 2].map((x) => 2 * x * Math.sin(x) + x * x * Math.cos(x));
print("gradient by hand", array(byHand));

function print(what: string, { data }: NdArray): void {
  console.log(`${what.padEnd(24)} ${[...data].map((value) => value.toFixed(5)).join("  ")}`);
}
