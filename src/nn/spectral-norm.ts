import { type NdArray, ndarray, type Shape } from "../engine/array/index.ts";
import { AdvectError } from "../engine/error.ts";
import { type Key, normal } from "../engine/random/index.ts";
import {
  div,
  mapTree,
  matmul,
  maximum,
  mul,
  namedLeaves,
  norm,
  reshape,
  stopGradient,
  sum,
  type Tensor,
} from "../engine/tensor/index.ts";
import type { Layer, Params, Values } from "./model.ts";

/** A left singular vector u [rows] for each normalised weight, by its path. Not trained: each step computes the next. */
export type SpectralVectors = { readonly [path: string]: Tensor };

export type SpectralParams<P extends Params> = { readonly net: P; readonly spectral: SpectralVectors };

/** A layer or model whose weights have spectral norm 1. */
export type SpectralNorm<P extends Params, Rest extends readonly unknown[], L> = Omit<L, "init" | "apply"> &
  Layer<SpectralParams<P>, Rest> & {
    /** The vectors after one more power iteration: `trainer({ params, loss, next: model.next })` keeps them. */
    next(params: SpectralParams<P>): { readonly spectral: SpectralVectors };
  };

export interface SpectralNormOptions {
  /** Which parameters are normalised; default those of rank 2 and more called "weight". */
  readonly weights?: (parameter: { readonly path: string; readonly shape: Shape }) => boolean;
}

const isWeight = ({ path, shape }: { path: string; shape: Shape }) =>
  shape.length >= 2 && path.split(".").at(-1) === "weight";

/** Power iterations that `init` spends on each first vector. */
const firstIterations = 15;

/**
 * Spectral normalisation [miyato2018]: every weight W, seen as a matrix [shape[0], rest], acts as W / sigma(W) with
 * sigma = uᵀ W v; v = Wᵀ u / |Wᵀ u| and the next u = W v / |W v| are one power iteration, through which no gradient
 * passes. A linear layer so becomes 1-Lipschitz. Wraps a layer or a whole model; `init` and `apply` work as before, on
 * params with the vectors beside the network's own; training has to keep `next`, or sigma falls behind W. Weights that begin at zero
 * have no direction: `init` throws "numerical" and names them, to be left out by `weights`.
 */
export function spectralNorm<P extends Params, Rest extends readonly unknown[], L extends Layer<P, Rest>>(
  layer: L & Layer<P, Rest>,
  { weights = isWeight }: SpectralNormOptions = {},
): SpectralNorm<P, Rest, L> {
  return {
    ...(layer as L),
    init(key) {
      const net = layer.init(key);
      const chosen = [...namedLeaves<NdArray>(net)].filter(([path, { shape }]) => weights({ path, shape }));
      const spectral = Object.fromEntries(
        chosen.map(([path, weight]) => [path, firstVector(key.fold("spectral").fold(path), path, weight)]),
      );
      return { net, spectral } as unknown as Values<SpectralParams<P>>;
    },
    apply({ net, spectral }, x, ...rest) {
      const normalised = mapTree(net, (weight: Tensor, path) => {
        const u = Object.hasOwn(spectral, path) ? spectral[path] : undefined;
        return u ? div(weight, powerIteration(weight, u).sigma) : weight;
      });
      return layer.apply(normalised as unknown as P, x, ...rest);
    },
    next({ net, spectral }) {
      const all = namedLeaves<Tensor>(net);
      const vectors = Object.entries(spectral).map(([path, u]) => [
        path,
        powerIteration(all.get(path)!, u).u,
      ]);
      return { spectral: Object.fromEntries(vectors) };
    },
  } as SpectralNorm<P, Rest, L>;
}

/** sigma, a scalar through which the gradient u vᵀ flows to the weight, and the next u. */
function powerIteration(weight: Tensor, u: Tensor): { sigma: Tensor; u: Tensor } {
  const matrix = reshape(weight, [u.size, weight.size / u.size]);
  const v = stopGradient(unit(matmul(reshape(u, [1, u.size]), matrix)));
  const along = matmul(v, matrix, { transposeB: true });
  const left = stopGradient(unit(along));
  const sigma = sum(mul(left, along));
  return { sigma, u: reshape(left, [u.size]) };
}

const smallest = 1e-12;

const unit = (x: Tensor): Tensor => div(x, maximum(norm(x), smallest));

function firstVector(key: Key, path: string, { shape, data }: NdArray): NdArray {
  if (data.every((value: number) => value === 0)) {
    throw new AdvectError("numerical", "spectralNorm", {
      expected: "weights with a direction",
      got: `zeros in ${path}`,
      fix: `Leave it out: weights: ({ path }) => path !== "${path}".`,
    });
  }
  const rows = shape[0]!;
  let u: Float64Array = Float64Array.from(normal(key, [rows]).data);
  for (let i = 0; i < firstIterations; i++) u = iterate(data, u);
  return ndarray(Float32Array.from(u), [rows]);
}

/** W Wᵀ u / |W Wᵀ u|, for W [u.length, rest]. */
function iterate(weight: ArrayLike<number>, u: Float64Array): Float64Array {
  const columns = weight.length / u.length;
  const v = new Float64Array(columns);
  u.forEach((value, i) => {
    for (let j = 0; j < columns; j++) v[j]! += value * weight[i * columns + j]!;
  });
  const next = u.map((_, i) => {
    let total = 0;
    for (let j = 0; j < columns; j++) total += v[j]! * weight[i * columns + j]!;
    return total;
  });
  const length = Math.max(Math.hypot(...next), smallest);
  return next.map((value) => value / length);
}
