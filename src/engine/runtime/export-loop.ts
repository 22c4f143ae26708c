import { asType, type NdArray } from "../array/index.ts";
import { AdvectError } from "../error.ts";
import { encodeModel, loopModel, loopPrefix } from "../onnx/index.ts";
import { input, type Mapped, mapTree, sameShape, type Tensor } from "../tensor/index.ts";
import { boundParams, checkNames, fileOptions, nameOf } from "./export.ts";
import { random, type Signature, type Spec } from "./signature.ts";
import { trace } from "./trace.ts";

/** Numbers of every step, [steps, ...row] by name. */
export type Tables = Readonly<Record<string, NdArray>>;

export interface LoopExport<P, T extends Tables, Args extends readonly unknown[]> {
  /** One step, from the parameters, the state, this step's row of every table, and the arguments, which stay the same. */
  readonly step: (params: P, state: Tensor, rows: Mapped<T, Tensor>, ...args: Args) => Tensor;
  readonly params: Mapped<P, NdArray>;
  readonly state: Spec;
  /** One table or more; their first length is the number of steps. */
  readonly tables: T;
  /** Of the arguments after the rows. */
  readonly signature: Signature<Args>;
  /** A name for the first state, and for each of those arguments. Default: "input0", "input1", … */
  readonly inputNames?: readonly string[];
  /** Default: "output". */
  readonly outputName?: string;
  /** Use only operations of ONNX itself, for other runtimes than ONNX Runtime. Default false. */
  readonly standard?: boolean;
}

/**
 * The bytes of an ONNX file that takes all steps by one Loop: it holds one step and the parameters once, and grows by
 * a row of each table with every step more. What a step computes from its arguments alone is computed once.
 * Throws "option" for tables of different lengths, random arguments and names that are not different, "shape" for a
 * step that does not return a state.
 */
export function exportLoop<P, T extends Tables, Args extends readonly unknown[]>(
  request: LoopExport<P, T, Args>,
): Uint8Array {
  const { step, params, state, tables, signature, inputNames = [], outputName = "output" } = request;
  checkDraws(signature);
  const count = stepCount(tables);
  const bound = boundParams<P>(params);
  const numbers = new Map<Tensor, NdArray>();
  const rows = mapTree(tables as Tables, (table: NdArray, name) => {
    const row = input(name, { shape: table.shape.slice(1), dtype: "float32" });
    numbers.set(row, asType(table, "float32"));
    return row;
  }) as Mapped<T, Tensor>;
  type All = readonly [Tensor, ...Args];
  const { inputs, outputs } = trace<All, Tensor>((before, ...args) => step(bound, before, rows, ...args), [
    state,
    ...signature,
  ] as unknown as Signature<All>);
  const [first, ...others] = [...inputs].map(([path, tensor]) => [nameOf(path, inputNames), tensor] as const);
  checkState(outputs, state);
  checkInner([first![0], ...others.map(([name]) => name), outputName]);
  return encodeModel(
    loopModel({
      name: step.name || "advect",
      before: first![1],
      after: outputs[0]!,
      input: first![0],
      output: outputName,
      tables: numbers,
      inputs: new Map(others),
      count,
      options: fileOptions(request),
    }),
  );
}

function stepCount(tables: Tables): number {
  const counts = Object.values(tables).map(({ shape }) => shape[0] ?? 0);
  if (counts[0]! > 0 && new Set(counts).size === 1) return counts[0]!;
  throw new AdvectError("option", "exportLoop", {
    expected: "one table or more, all with a row for each step",
    got: counts,
  });
}

function checkDraws(signature: readonly unknown[]): void {
  if (!signature.includes(random)) return;
  throw new AdvectError("option", "exportLoop", {
    expected: "a step without random arguments",
    got: "one",
    fix: "Give the noise of every step as a table.",
  });
}

function checkState(outputs: readonly Tensor[], state: Spec): void {
  const [after] = outputs;
  if (outputs.length === 1 && sameShape(after!.shape, state.shape) && after!.dtype === state.dtype) return;
  throw new AdvectError("shape", "exportLoop", {
    expected: `a step that returns one state, ${state.dtype} [${state.shape}]`,
    got: outputs.map(({ dtype, shape }) => `${dtype} [${shape}]`).join(", "),
  });
}

function checkInner(names: readonly string[]): void {
  checkNames(names);
  const reserved = names.filter((name) => name.startsWith(loopPrefix));
  if (reserved.length === 0) return;
  throw new AdvectError("option", "exportLoop", {
    expected: `names that do not begin with "${loopPrefix}"`,
    got: reserved,
  });
}
