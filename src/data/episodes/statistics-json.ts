import { type NdArray, ndarray, type Shape, sizeOf } from "../../engine/array/index.ts";
import { isRecord } from "../../engine/array/json.ts";
import { malformed } from "../../engine/array/malformed.ts";
import { type FeatureStatistics, statisticNames } from "./column-statistics.ts";

/** meta/stats.json: lists shaped as the features. Throws "format". */
export function statisticsFromJson(json: unknown, where: string): Record<string, FeatureStatistics> {
  if (!isRecord(json)) throw malformed(where, "JSON", { expected: "an object", got: typeof json });
  return Object.fromEntries(
    Object.entries(json).flatMap(([key, value]) =>
      isRecord(value) ? [[key, featureFromJson(value, `${where}, ${key}`)]] : [],
    ),
  );
}

function featureFromJson(json: Readonly<Record<string, unknown>>, where: string): FeatureStatistics {
  const known = statisticNames.filter((name) => json[name] !== undefined);
  const arrays = known.map((name) => [name, nestedArray(json[name], `${where}, ${name}`)] as const);
  const count = Array.isArray(json.count) ? Number(json.count[0]) : undefined;
  return { ...Object.fromEntries(arrays), ...(count !== undefined && { count }) };
}

/** Nested lists of numbers and booleans; null, which stands for NaN, stays one. */
function nestedArray(json: unknown, where: string): NdArray<"float64"> {
  const shape: number[] = [];
  for (let level = json; Array.isArray(level) && shape.length < 8; level = level[0]) shape.push(level.length);
  const flat = Array.isArray(json) ? json.flat(8) : [json];
  const right = flat.every((value) => value === null || ["number", "boolean"].includes(typeof value));
  if (!right || flat.length !== sizeOf(shape)) {
    throw malformed(where, "values", { expected: "nested lists of numbers", got: `${flat.length} values` });
  }
  const data = Float64Array.from(flat, (value) => (value === null ? Number.NaN : Number(value)));
  return ndarray(data, shape, "float64");
}

/** As meta/stats.json holds them. */
export function statisticsToJson(
  statistics: Readonly<Record<string, FeatureStatistics>>,
): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(statistics).map(([key, { count, ...arrays }]) => [
      key,
      {
        ...Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, toNested(array)])),
        ...(count !== undefined && { count: [count] }),
      },
    ]),
  );
}

export function toNested({ data, shape }: { readonly data: Float64Array; readonly shape: Shape }): unknown {
  let level: unknown[] = Array.from(data);
  for (const length of shape.slice(1).toReversed()) {
    level = Array.from({ length: level.length / length }, (_, i) =>
      level.slice(i * length, (i + 1) * length),
    );
  }
  return shape.length === 0 ? level[0] : level;
}
