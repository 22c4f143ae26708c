import { asType, type NdArray } from "../array/index.ts";
import { AdvectError } from "../error.ts";
import { emitModel, encodeModel } from "../onnx/index.ts";
import { constant, leaves, type Mapped, mapTree, type Tensor } from "../tensor/index.ts";
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
  const bound = mapTree(params, (array: NdArray) => constant(asType(array, "float32"))) as unknown as P;
  const { inputs, draws, outputs, result } = trace<Args, R>((...args) => fn(bound, ...args), signature);
  const named = new Map<string, Tensor>();
  for (const [path, tensor] of inputs) {
    const [index, ...rest] = path.split(".");
    named.set([inputNames[Number(index)] ?? `input${index}`, ...rest].join("."), tensor);
  }
  for (const draw of draws) named.set(`draw:${draw.attributes.name}`, draw);
  const options = { ...emitOptions("cpu"), ...(request.standard && { contrib: false }) };
  return encodeModel(
    emitModel({
      name: fn.name || "advect",
      inputs: named,
      outputs: namedOutputs(result, outputs, request.outputNames),
      options,
    }),
  );
}

function namedOutputs(
  result: unknown,
  outputs: readonly Tensor[],
  names: readonly string[] | undefined,
): Map<string, Tensor> {
  const paths: string[] = [];
  mapTree(result, (_: Tensor, path) => paths.push(path === "" ? "output" : path));
  const chosen = names ?? paths;
  if (chosen.length === leaves(result).length && new Set(chosen).size === chosen.length) {
    return new Map(chosen.map((name, i) => [name, outputs[i]!]));
  }
  throw new AdvectError("option", "exportOnnx", {
    expected: `${outputs.length} different output names`,
    got: chosen,
  });
}
