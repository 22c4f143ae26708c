import { AdvectError } from "../../engine/error.ts";
import { loadPolicy, type Method, type Policy, parsePolicyDesign } from "../policy/index.ts";

/** Where a policy is, as data that can be sent to a worker. */
export type PolicySource = StoredPolicy | PolicyModule;

export interface StoredPolicy {
  /** Of a policy, a checkpoint or a run. */
  readonly folder: string;
  /** Words of its method in the place of its own, such as { steps: 10 }. */
  readonly method?: Partial<Method>;
}

export interface PolicyModule {
  /** The URL of a module whose `policy(options)` returns a Policy, or a promise of one. */
  readonly module: string;
  /** Plain data. */
  readonly options?: unknown;
}

/**
 * The policy that is there, with one thread; whoever loads it disposes it. Throws "io", "format", what `loadPolicy`
 * throws, and what the module throws.
 */
export async function loadSource(source: PolicySource): Promise<Policy> {
  if ("folder" in source) return stored(source);
  const loaded = await imported(source.module);
  if (typeof loaded.policy === "function") return loaded.policy(source.options);
  throw new AdvectError("format", "loadSource", {
    expected: `a function policy in ${source.module}`,
    got: Object.keys(loaded).join(", ") || "no exports",
    fix: "Export policy(options), which returns a Policy.",
  });
}

function stored({ folder, method }: StoredPolicy): Promise<Policy> {
  return loadPolicy(folder, {
    threads: 1,
    ...(method && {
      change: (design) => parsePolicyDesign({ ...design, method: { ...design.method, ...method } }, folder),
    }),
  });
}

type Loaded = { readonly policy?: (options: unknown) => Policy | Promise<Policy> };

async function imported(module: string): Promise<Loaded> {
  try {
    return (await import(/* @vite-ignore */ module)) as Loaded;
  } catch (cause) {
    throw new AdvectError("io", "loadSource", { expected: "a module", got: `${module}: ${cause}`, cause });
  }
}
