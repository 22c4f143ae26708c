/** Any function of x and t: a field of tensors, or a compiled one. */
type Field = (...args: never[]) => unknown;

/**
 * The same field, which counts its calls: `calls` starts at 0 and is what the papers call NFE. A field of tensors is
 * called while a graph is traced, so there it counts the evaluations built into the graph, not how often that runs.
 * Put it around the network's own field: guidance outside of it calls the network twice.
 */
export function counted<F extends Field>(field: F): F & { readonly calls: number } {
  let calls = 0;
  const counting = (...args: Parameters<F>) => {
    calls++;
    return field(...args);
  };
  return Object.defineProperty(counting, "calls", { get: () => calls, enumerable: true }) as unknown as F & {
    readonly calls: number;
  };
}
