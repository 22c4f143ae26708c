import { type NdArray, ndarray } from "../../engine/array/index.ts";
import { constant, matmul, moveAxis, reshape, softmax, type Tensor } from "../../engine/tensor/index.ts";

/**
 * Where each map is: its softmax over the places as a distribution, whose mean (x, y) is the result, with the image's
 * corners at -1 and 1 [finn2016]. maps [batch, height, width, count] -> [batch, 2 count], x and y of each map together.
 */
export function spatialSoftmax(maps: Tensor): Tensor {
  const [batch, height, width, count] = maps.shape as [number, number, number, number];
  const scores = moveAxis(reshape(maps, [batch, height * width, count]), 1, -1);
  const places = constant(grid(height, width), maps.dtype);
  return reshape(matmul(softmax(scores), places), [batch, 2 * count]);
}

/** (x, y) of every place, [height * width, 2]. */
function grid(height: number, width: number): NdArray {
  const at = (i: number, length: number) => (length === 1 ? 0 : (2 * i) / (length - 1) - 1);
  const data = Float64Array.from({ length: height * width * 2 }, (_, i) => {
    const place = i >> 1;
    return i % 2 === 0 ? at(place % width, width) : at(Math.floor(place / width), height);
  });
  return ndarray(data, [height * width, 2], "float64");
}
