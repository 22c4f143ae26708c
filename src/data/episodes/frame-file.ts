import { type DType, type NdArray, sizeOf } from "../../engine/array/index.ts";
import type { Episodes, Feature } from "./episodes.ts";
import { type ColumnKind, type ParquetColumn, parquetBytes } from "./write-parquet.ts";

/** How numpy's types lie in parquet. */
const kinds: Readonly<Record<string, ColumnKind>> = {
  float16: { type: "FLOAT" },
  float32: { type: "FLOAT" },
  float64: { type: "DOUBLE" },
  int8: { type: "INT32", integer: "INT_8" },
  int16: { type: "INT32", integer: "INT_16" },
  int32: { type: "INT32" },
  int64: { type: "INT64" },
  uint8: { type: "INT32", integer: "UINT_8" },
  uint16: { type: "INT32", integer: "UINT_16" },
  uint32: { type: "INT64" },
  bool: { type: "BOOLEAN" },
};

/** A file of data/: a row a frame, a row group an episode; `set` has its bookkeeping. */
export function frameFile(set: Episodes): Uint8Array {
  const stored = Object.entries(set.features).filter(([, { dtype }]) => dtype !== "video");
  return parquetBytes({
    columns: stored.map(([name, feature]) => frameColumn(set, { name, feature })),
    groups: set.episodes.map(({ start, end }) => end - start),
    metadata: { huggingface: huggingface(Object.fromEntries(stored)) },
  });
}

function frameColumn(
  set: Episodes,
  { name, feature }: { readonly name: string; readonly feature: Feature },
): ParquetColumn {
  const { images, texts, columns } = set;
  if (images[name]) {
    const values = images[name].map((bytes, i) => ({ bytes, path: `frame-${`${i}`.padStart(6, "0")}.png` }));
    return { name, type: "PICTURE", values };
  }
  if (texts[name]) return { name, type: "STRING", values: [...texts[name]] };
  const depth = isScalar(feature) ? 0 : feature.shape.length;
  return { name, ...kinds[feature.dtype]!, depth, values: rowsOf(columns[name]!, depth) };
}

const isScalar = ({ shape }: Feature) => shape.length === 1 && shape[0] === 1;

/** A value a row; lists in lists for features of several axes. */
function rowsOf({ data, shape, dtype }: NdArray<DType>, depth: number): unknown[] {
  const flat: unknown[] =
    dtype === "bool"
      ? Array.from(data as Uint8Array, (value) => value === 1)
      : Array.from(data as Float32Array);
  let level = flat;
  const inner = depth === 0 ? [] : shape.slice(1);
  for (const length of inner.toReversed()) {
    const from = level;
    level = Array.from({ length: from.length / length }, (_, i) => from.slice(i * length, (i + 1) * length));
  }
  return level.slice(0, depth === 0 ? sizeOf(shape) : shape[0]);
}

/** What Hugging Face's datasets reads column types from. */
function huggingface(features: Episodes["features"]): string {
  const described = Object.entries(features).map(([name, feature]) => [name, describe(feature)]);
  return JSON.stringify({ info: { features: Object.fromEntries(described) } });
}

function describe(feature: Feature): Record<string, unknown> {
  const { dtype, shape } = feature;
  if (dtype === "image") return { _type: "Image" };
  const value = { dtype: dtype === "language" ? "string" : dtype, _type: "Value" };
  if (!Object.hasOwn(kinds, dtype) || isScalar(feature)) return value;
  if (shape.length === 1) return { feature: value, length: shape[0], _type: "Sequence" };
  return { shape, dtype, _type: `Array${shape.length}D` };
}
