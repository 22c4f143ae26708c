import { kernelOf } from "../kernel.ts";
import { wasm } from "./kernel.wasm.ts";

export interface Points {
  readonly rows: number;
  readonly columns: number;
  /** Elements of a sample. */
  readonly size: number;
  /** [rows, size] and [columns, size]. */
  readonly a: Float64Array;
  readonly b: Float64Array;
}

/** The export of kernel.as.ts. */
interface Kernel {
  squaredDistances(...pointersAndSizes: [number, number, number, number, number, number]): void;
}

const kernelWith = kernelOf<Kernel>(wasm);

/** Rows that the kernel does at once, so that its memory stays small beside the result. */
const blockRows = 64;

/** |a_i - b_j|^2, [rows, columns], each sum in the order of the elements. */
export function squaredDistances({ rows, columns, size, a, b }: Points): Float64Array {
  const width = Math.ceil(columns / 8) * 8;
  const at = { b: 8 * blockRows * size, out: 8 * (blockRows + width) * size };
  const { memory, kernel } = kernelWith(at.out + 8 * blockRows * width);
  turn({ columns, size, b }, new Float64Array(memory.buffer, at.b, size * width));
  const result = new Float64Array(rows * columns);
  const out = new Float64Array(memory.buffer, at.out, blockRows * width);
  const left = new Float64Array(memory.buffer, 0, blockRows * size);
  for (let start = 0; start < rows; start += blockRows) {
    const count = Math.min(blockRows, rows - start);
    left.set(a.subarray(start * size, (start + count) * size));
    kernel.squaredDistances(0, at.b, at.out, count, size, width);
    if (width === columns) result.set(out.subarray(0, count * columns), start * columns);
    else {
      for (let i = 0; i < count; i++) {
        result.set(out.subarray(i * width, i * width + columns), (start + i) * columns);
      }
    }
  }
  return result;
}

/** b as [size, width], the columns beyond its own left as they are. */
function turn({ columns, size, b }: Pick<Points, "columns" | "size" | "b">, turned: Float64Array): void {
  const width = turned.length / size;
  for (let j = 0, from = 0; j < columns; j++) {
    for (let k = 0, to = j; k < size; k++, to += width) turned[to] = b[from++]!;
  }
}
