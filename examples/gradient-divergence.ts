// The divergence of a field, exactly (one backward pass for each dimension) and by Hutchinson's estimate (one pass).
import {
  compile,
  concat,
  type Draw,
  divergence,
  hutchinson,
  key,
  type NdArray,
  normal,
  random,
  spec,
  type Tensor,
} from "advect/engine";

const [batchSize, size] = [3, 8];
const probeCount = process.env.ADVECT_BUDGET === "small" ? 64 : 512;

// A field on R^8 whose divergence is known: v = (sin x_1, …, sin x_8) + halves of x swapped, so div v = sum of cos x_i
const field = (x: Tensor): Tensor => {
  const head = x.slice({ axis: 1, start: 0, stop: size / 2 });
  const tail = x.slice({ axis: 1, start: size / 2 });
  return x.sin().add(concat([tail, head], 1));
};

const both = (x: Tensor, draw: Draw) => ({
  exact: divergence(field(x), x),
  estimate: hutchinson(field(x), x, draw.rademacher("probes", [probeCount, batchSize, size])),
});

const compiled = await compile(both, [spec([batchSize, size]), random]);
try {
  const x = normal(key("x"), [batchSize, size]);
  const { exact, estimate } = await compiled(x, key("probes"));
  const known = Array.from({ length: batchSize }, (_, row) =>
    x.data.slice(row * size, (row + 1) * size).reduce((sum, value) => sum + Math.cos(value), 0),
  );
  print("known", known);
  print("exact", exact);
  print(`Hutchinson, ${probeCount} probes`, estimate);
} finally {
  compiled[Symbol.dispose]();
}

function print(what: string, values: readonly number[] | NdArray): void {
  const numbers = "data" in values ? [...values.data] : values;
  console.log(`${what.padEnd(24)} ${numbers.map((value) => value.toFixed(4)).join("  ")}`);
}
