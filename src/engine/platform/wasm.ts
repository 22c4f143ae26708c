/**
 * Compiles a module embedded as base64 by scripts/build-wasm.mjs, synchronously: every kernel is a few kB, and
 * browsers allow that much even on the main thread. Throws what `new WebAssembly.Module` throws.
 */
export function compileWasm(base64: string): WebAssembly.Module {
  return new WebAssembly.Module(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
}
