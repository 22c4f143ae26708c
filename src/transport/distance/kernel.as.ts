// AssemblyScript, compiled to kernel.wasm.ts by scripts/build-wasm.mjs. Pointers are bytes; the owner has the memory.

/**
 * out_ij = sum_k (a_ik - b_kj)^2 for one row i: a [size], b [size, width], out [width], float64, width a multiple of 8.
 * Every sum is taken in the order of k.
 */
function row(a: usize, b: usize, out: usize, size: i32, width: i32): void {
  const stride = (<usize>width) << 3;
  const end = a + ((<usize>size) << 3);
  for (let j: usize = 0; j < stride; j += 64) {
    let s0 = f64x2.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let k = a, at = b + j; k < end; k += 8, at += stride) {
      const x = v128.load64_splat(k);
      const d0 = f64x2.sub(x, v128.load(at));
      const d1 = f64x2.sub(x, v128.load(at, 16));
      const d2 = f64x2.sub(x, v128.load(at, 32));
      const d3 = f64x2.sub(x, v128.load(at, 48));
      s0 = f64x2.add(s0, f64x2.mul(d0, d0));
      s1 = f64x2.add(s1, f64x2.mul(d1, d1));
      s2 = f64x2.add(s2, f64x2.mul(d2, d2));
      s3 = f64x2.add(s3, f64x2.mul(d3, d3));
    }
    v128.store(out + j, s0);
    v128.store(out + j, s1, 16);
    v128.store(out + j, s2, 32);
    v128.store(out + j, s3, 48);
  }
}

/** The same for all rows: a [rows, size], out [rows, width]. */
export function squaredDistances(a: usize, b: usize, out: usize, rows: i32, size: i32, width: i32): void {
  for (let i = 0; i < rows; i++) {
    row(a + ((<usize>(i * size)) << 3), b, out + ((<usize>(i * width)) << 3), size, width);
  }
}
