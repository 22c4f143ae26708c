import type { Key } from "../engine/random/index.ts";
import type { Layer, Params, Values } from "./model.ts";

interface Initialised {
  init(key: Key): unknown;
}

/** Layers by name, nested as PyTorch's modules are. */
export type Modules = { readonly [name: string]: Initialised | Modules };

/** The parameters of a layer, or of a tree of layers. */
export type ParamsOf<L> = L extends { apply(params: infer P, ...rest: never[]): unknown }
  ? P
  : { readonly [K in keyof L]: ParamsOf<Exclude<L[K], undefined>> };

/** First values for every layer, each from the key folded by its name. */
export function initEach<L extends object>(key: Key, layers: L): Values<ParamsOf<L>> {
  const entries = Object.entries(layers as Modules).map(([name, child]) => {
    const own = key.fold(name);
    return [name, isLayer(child) ? child.init(own) : initEach(own, child)];
  });
  return Object.fromEntries(entries) as Values<ParamsOf<L>>;
}

function isLayer(child: Initialised | Modules): child is Initialised {
  return typeof child.init === "function";
}

/** A list as names "0", "1", ..., like PyTorch's ModuleList. */
export function indexed<L>(layers: readonly L[]): { readonly [index: string]: L } {
  return Object.fromEntries(layers.map((layer, i) => [`${i}`, layer]));
}

/** `layer` as the only child of a module, for paths such as "2.conv.weight". */
export function within<Name extends string, P extends Params>(
  name: Name,
  layer: Layer<P>,
): Layer<{ readonly [K in Name]: P }> {
  return {
    init: (key) => initEach(key, { [name]: layer }) as Values<{ readonly [K in Name]: P }>,
    apply: (params, x) => layer.apply(params[name], x),
  };
}
