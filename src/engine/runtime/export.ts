import { asType, type NdArray } from "../array/index.ts";
import { AdvectError } from "../error.ts";
import { type EmitOptions, emitModel, encodeModel } from "../onnx/index.ts";
import { constant, type Mapped, mapTree, namedLeaves, type Tensor } from "../tensor/index.ts";
import { emitOptions } from "./options.ts";
import type { Signature } from "./signature.ts";
import { trace } from "./trace.ts";

export interface ExportRequest<P, Args extends readonly unknown[], R> {
  /** The function to export; its first argument are the parameters, which become part of the file. */
  readonly fn: (params: P, ...args: Args) => R;
  readonly params: Mapped<P, NdArray>;
  /** Of the arguments after the parameters. */
  readonly signature: Signature<Args>;
  /** A name for each of those arguments (a tree's leaves get "name.path"). Default: "input0", "input1", … */
  readonly inputNames?: readonly string[];
  /** A name for each tensor of the result. Default: its path in a record, or "output". */
  readonly outputNames?: readonly string[];
  /** Use only operations of ONNX itself, for other runtimes than ONNX Runtime. Default false. */
  readonly standard?: boolean;
}

/**
 * The bytes of an ONNX file that computes `fn` with these parameters, for any ONNX runtime in any language. Random inputs
 * become inputs named "draw:name", to be filled by the caller.
 */
export function exportOnnx<P, Args extends readonly unknown[], R>(
  request: ExportRequest<P, Args, R>,
): Uint8Array {
  const { fn, params, signature, inputNames = [] } = request;
  const bound = boundParams<P>(params);
  const { inputs, draws, outputs, result } = trace<Args, R>((...args) => fn(bound, ...args), signature);
  const named: Named[] = [
    ...[...inputs].map(([path, tensor]): Named => [nameOf(path, inputNames), tensor]),
    ...draws.map((draw): Named => [`draw:${draw.attributes.name}`, draw]),
  ];
  const namedResults = outputNamesOf(request, result).map((name, i): Named => [name, outputs[i]!]);
  checkNames([...named, ...namedResults].map(([name]) => name));
  return encodeModel(
    emitModel({
      name: fn.name || "advect",
      inputs: new Map(named),
      outputs: new Map(namedResults),
      options: fileOptions(request),
    }),
  );
}

/** The parameters as numbers inside the graph. */
export function boundParams<P>(params: Mapped<P, NdArray>): P {
  return mapTree(params, (array: NdArray) => constant(asType(array, "float32"))) as unknown as P;
}

/** "1.labels" in the caller's words: argument 1's name, and the path inside it. */
export function nameOf(path: string, inputNames: readonly string[]): string {
  const [index, ...rest] = path.split(".");
  return [inputNames[Number(index)] ?? `input${index}`, ...rest].join(".");
}

export function fileOptions({ standard = false }: { readonly standard?: boolean }): EmitOptions {
  return { ...emitOptions("cpu"), ...(standard && { contrib: false }) };
}

type Named = readonly [name: string, tensor: Tensor];

function outputNamesOf(
  { outputNames }: { readonly outputNames?: readonly string[] },
  result: unknown,
): readonly string[] {
  const paths = [...namedLeaves(result).keys()].map((path) => path || "output");
  if (!outputNames || outputNames.length === paths.length) return outputNames ?? paths;
  throw new AdvectError("option", "exportOnnx", {
    expected: `${paths.length} output names, for ${paths.join(", ")}`,
    got: outputNames,
  });
}

export function checkNames(names: readonly string[]): void {
  const twice = names.filter((name, i) => names.indexOf(name) !== i);
  if (twice.length === 0) return;
  throw new AdvectError("option", "exportOnnx", {
    expected: "different names for all inputs and outputs",
    got: `${twice.join(", ")} twice`,
    fix: "Set inputNames and outputNames.",
  });
}
