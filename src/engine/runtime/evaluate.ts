import type { NdArray } from "../array/index.ts";
import type { Mapped } from "../tensor/index.ts";
import { type CompileOptions, compile } from "./compile.ts";
import { type GivenList, random, type Signature, specOf } from "./signature.ts";

/** Compiles a function for the shapes of these arguments, runs it once and disposes of it: for what runs rarely. */
export async function evaluate<Args extends readonly unknown[], R>(
  fn: (...args: Args) => R,
  args: GivenList<Args>,
  options: CompileOptions = {},
): Promise<Mapped<R, NdArray>> {
  const signature = args.map((arg) => (isKey(arg) ? random : specOf(arg)));
  using compiled = await compile(fn, signature as unknown as Signature<Args>, options);
  return await compiled(...args);
}

function isKey(arg: unknown): boolean {
  return typeof (arg as { fold?: unknown } | null | undefined)?.fold === "function";
}
