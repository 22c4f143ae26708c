import type { DType, NdArray } from "../array/index.ts";
import type { Device } from "./device.ts";

export interface SessionOptions {
  readonly device: Device;
  /** Threads inside one operation. */
  readonly threads: number;
  /** How far ONNX Runtime may rewrite the graph: "all" only where every weight is a constant. */
  readonly optimization: "basic" | "all";
  /** Folder and prefix of ONNX Runtime's own profile, written when the session ends. */
  readonly profile?: string;
}

export interface ValueType {
  readonly name: string;
  readonly dtype: DType;
  /** Names stand for lengths that are open. */
  readonly shape: readonly (number | string)[];
}

export type Arrays = Readonly<Record<string, NdArray<DType>>>;

/** Runs the bound arrays once more; a promise where the runtime cannot run at once. */
export type Run = () => Promise<void> | undefined;

/** A graph loaded on a device. Dispose it: it holds memory outside of JavaScript. */
export interface Session extends Disposable {
  readonly inputs: readonly ValueType[];
  readonly outputs: readonly ValueType[];
  /** The outputs as fresh arrays. */
  run(feeds: Arrays): Promise<Arrays>;
  /** Ties arrays to inputs and outputs for many runs without allocation: results are written into `results`. */
  bind(feeds: Arrays, results: Arrays): Run;
}

/** One of the onnxruntime packages. */
export interface Runtime {
  readonly devices: readonly Device[];
  open(model: Uint8Array, options: SessionOptions): Promise<Session>;
}

/** Loads a runtime when it is first asked for; undefined where the package is not installed. */
export type RuntimeLoader = () => Promise<Runtime | undefined>;
