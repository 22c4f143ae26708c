import { AdvectError } from "../../engine/error.ts";
import {
  arange,
  concat,
  repeat,
  reshape,
  type Tensor,
  type TensorDType,
  tile,
  transpose,
} from "../../engine/tensor/index.ts";
import { timestepEmbedding } from "../layers/sinusoidal.ts";

/** How x becomes tokens and back, for a sequence [length, size] or an image [channels, height, width]. */
export interface Tokens {
  readonly count: number;
  readonly size: number;
  /** [batch, ...shape] -> [batch, count, size] */
  cut(x: Tensor): Tensor;
  /** [batch, count, size] -> [batch, ...shape] */
  join(tokens: Tensor): Tensor;
  /** Sines and cosines of the places, [count, width]: in one or in two directions. */
  positions(width: number, dtype: TensorDType): Tensor;
}

/** `patch` neighbours, in each direction, form a token. Throws "option" unless the patch divides the lengths. */
export function tokensOf(shape: readonly number[], patch: number): Tokens {
  const lengths = shape.length === 2 ? shape.slice(0, 1) : shape.slice(1);
  const known = shape.length === 2 || shape.length === 3;
  if (!known || !lengths.every((length) => length > 0 && length % patch === 0)) {
    throw new AdvectError("option", "dit", {
      expected: `a shape [length, size] or [channels, height, width] whose lengths the patch (${patch}) divides`,
      got: shape,
    });
  }
  return shape.length === 2
    ? steps(shape as [number, number], patch)
    : patches(shape as [number, number, number], patch);
}

function steps([length, size]: readonly [number, number], patch: number): Tokens {
  const count = length / patch;
  return {
    count,
    size: patch * size,
    cut: (x) => reshape(x, [x.shape[0]!, count, patch * size]),
    join: (tokens) => reshape(tokens, [tokens.shape[0]!, length, size]),
    positions: (width, dtype) => timestepEmbedding(arange(count, dtype), { size: width }),
  };
}

function patches([channels, height, width]: readonly [number, number, number], patch: number): Tokens {
  const rows = height / patch;
  const columns = width / patch;
  const size = channels * patch * patch;
  return {
    count: rows * columns,
    size,
    cut(x) {
      const apart = reshape(x, [x.shape[0]!, channels, rows, patch, columns, patch]);
      return reshape(transpose(apart, [0, 2, 4, 1, 3, 5]), [x.shape[0]!, rows * columns, size]);
    },
    join(tokens) {
      const apart = reshape(tokens, [tokens.shape[0]!, rows, columns, channels, patch, patch]);
      return reshape(transpose(apart, [0, 3, 1, 4, 2, 5]), [tokens.shape[0]!, channels, height, width]);
    },
    positions(features, dtype) {
      const along = (count: number) => timestepEmbedding(arange(count, dtype), { size: features / 2 });
      return concat([repeat(along(rows), columns, 0), tile(along(columns), [rows, 1])], -1);
    },
  };
}
