import {
  checkerboard,
  type Distribution,
  eightGaussians,
  gaussianMixture,
  letters,
  loadArrays,
  pinwheel,
  ring,
  sCurve,
  spiral,
  swissRoll,
  twoMoons,
} from "../../data/index.ts";
import { asType, type DType, type NdArray } from "../../engine/array/index.ts";
import { AdvectError } from "../../engine/error.ts";
import { type Key, key } from "../../engine/random/index.ts";
import type { CompletePoints, PointData } from "../recipe/index.ts";
import type { Data, Rows } from "./data.ts";
import { unitsFor } from "./units.ts";

type DistributionWords = Exclude<PointData, { kind: "file" }>;
type FileWords = Extract<PointData, { kind: "file" }>;

/** Samples that the units of a distribution are measured on. */
const measured = 16_384;

/** The points that a recipe learns. Throws "io", "format", "shape", "numerical" for what a file holds; "option". */
export async function loadPoints(recipe: CompletePoints): Promise<Data> {
  const { data, normalize, seed, source } = recipe;
  const own = key(seed).fold("data");
  if (data.kind === "file") return fileData(data, recipe);
  const distribution = distributionOf(data);
  const units = unitsFor(normalize, distribution.sample(own.fold("units"), measured));
  const draw = (from: Distribution) => (child: Key, count: number) => units.apply(from.sample(child, count));
  return {
    sizes: { shape: [2], classes: 0, conditionSize: 0 },
    units,
    from:
      data.count === undefined
        ? { draw: draw(distribution) }
        : { rows: { x1: draw(distribution)(own.fold("rows"), data.count) } },
    ...(source && { source: draw(distributionOf(source)) }),
  };
}

/** The distribution that the words name. Throws "option". */
export function distributionOf(words: DistributionWords): Distribution {
  switch (words.kind) {
    case "twoMoons":
      return twoMoons(words);
    case "eightGaussians":
      return eightGaussians(words);
    case "checkerboard":
      return checkerboard(words);
    case "ring":
      return ring(words);
    case "spiral":
      return spiral(words);
    case "pinwheel":
      return pinwheel(words);
    case "swissRoll":
      return swissRoll(words);
    case "sCurve":
      return sCurve(words);
    case "letters":
      return letters(words);
    case "gaussianMixture":
      return gaussianMixture(words.components);
  }
}

async function fileData(words: FileWords, { normalize, source }: CompletePoints): Promise<Data> {
  const arrays = await loadArrays(words.path);
  const raw = asType(named(arrays, words, words.array), "float64");
  checkRows(words.path, raw);
  const units = unitsFor(normalize, raw);
  const told = words.condition === undefined ? {} : conditionOf(words, named(arrays, words, words.condition));
  const shape = raw.shape.slice(1);
  for (const [name, { shape: own }] of Object.entries(told)) {
    if (own[0] !== raw.shape[0]) throw wrongCondition(words, `${name} for ${own[0]} rows`, raw.shape[0]!);
  }
  const { labels, vector } = told;
  return {
    sizes: {
      shape,
      classes: labels ? 1 + labels.data.reduce((a, b) => Math.max(a, b), 0) : 0,
      conditionSize: vector?.shape[1] ?? 0,
    },
    units,
    from: { rows: { x1: units.apply(raw), ...told } },
    ...(source && { source: sourceIn(words, shape, source, units.apply) }),
  };
}

function sourceIn(
  { path }: FileWords,
  shape: readonly number[],
  source: DistributionWords,
  apply: (x: NdArray) => NdArray<"float32">,
): NonNullable<Data["source"]> {
  if (shape.length !== 1 || shape[0] !== 2) {
    const expected = "data in the plane for a source in the plane";
    throw new AdvectError("shape", path, { expected, got: `rows of shape [${shape}]` });
  }
  const distribution = distributionOf(source);
  return (own, count) => apply(distribution.sample(own, count));
}

/** The array of that name; without one "data", or the only one. */
function named(
  arrays: Readonly<Record<string, NdArray<DType>>>,
  { path }: FileWords,
  name: string | undefined,
): NdArray<DType> {
  const names = Object.keys(arrays);
  const chosen = name ?? (names.length === 1 ? names[0]! : "data");
  if (Object.hasOwn(arrays, chosen)) return arrays[chosen]!;
  throw new AdvectError("option", path, {
    expected: `an array called ${chosen}`,
    got: names.join(", ") || "none",
    fix: `Set data.${name === undefined ? "array" : "array or data.condition"} to one of these.`,
  });
}

function checkRows(where: string, { shape, data }: NdArray): void {
  if (shape.length < 2 || data.length === 0) {
    throw new AdvectError("shape", where, {
      expected: "samples of shape [count, ...], at least one",
      got: `[${shape}]`,
      fix: "Give one row for each sample.",
    });
  }
  const wrong = data.findIndex((value: number) => !Number.isFinite(value));
  if (wrong < 0) return;
  const width = data.length / shape[0]!;
  throw new AdvectError("numerical", where, {
    expected: "finite data",
    got: `${data[wrong]} in row ${Math.floor(wrong / width)}, column ${wrong % width}`,
    fix: "Remove that row, or replace its missing values. Rows and columns are counted from 0.",
  });
}

/** Whole numbers in one column are labels; other numbers are vectors. */
function conditionOf(words: FileWords, array: NdArray<DType>): Omit<Rows, "x1"> {
  const { shape, dtype } = array;
  const values = asType(array, "float64").data;
  if (values.some((value) => !Number.isFinite(value))) {
    throw new AdvectError("numerical", words.path, { expected: "finite conditions", got: "NaN or Infinity" });
  }
  const whole = !dtype.startsWith("float");
  if (shape.length === 1 && whole && values.every((value) => value >= 0)) {
    return { labels: asType(array, "int32") };
  }
  if (shape.length === 2 && shape[1]! > 0 && !whole) return { vector: asType(array, "float32") };
  throw wrongCondition(words, `${dtype} [${shape}]`, "the rows of the data");
}

function wrongCondition({ path, condition }: FileWords, got: string, rows: number | string): AdvectError {
  return new AdvectError("shape", path, {
    expected: `${condition} to hold labels >= 0 of shape [count] or float vectors [count, size], with a row for each of ${rows}`,
    got,
  });
}
