import { AdvectError } from "../../engine/error.ts";
import { reshape, type Tensor } from "../../engine/tensor/index.ts";

/** x [batch, ...shape] -> [batch, size]. Throws "shape" unless the shape holds `size` elements. */
export function flatten(where: string, x: Tensor, size: number): Tensor {
  const [batch = 0] = x.shape;
  if (x.rank >= 2 && x.size === batch * size) return reshape(x, [batch, size]);
  throw new AdvectError("shape", where, {
    expected: `x of shape [batch, ...] with ${size} elements a sample`,
    got: x.shape,
  });
}
