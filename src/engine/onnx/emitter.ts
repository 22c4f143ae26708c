import { allocate, type DataOf, type DType, type NdArray } from "../array/index.ts";
import type { Tensor } from "../tensor/index.ts";
import type { Attribute, OnnxNode, OnnxTensor } from "./model.ts";

/** The name of a value in the emitted graph. */
export type Ref = string;

export interface EmitOptions {
  /** Whether operations of com.microsoft may be used. */
  readonly contrib: boolean;
  /** The most inputs a Concat, or outputs a Split, may have: WebGPU limits the buffers of one shader. */
  readonly maxJoin: number;
  /** Whether sines and cosines are built from products: WGSL promises its own to 2^-11 only, and only between -pi and pi. */
  readonly ownSines: boolean;
}

interface NodeRequest {
  readonly op: string;
  readonly inputs: readonly Ref[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly domain?: string;
  readonly outputs?: number;
}

/** Collects ONNX nodes; equal nodes are added once. */
export interface Emitter {
  readonly options: EmitOptions;
  /** The outputs of a node. */
  nodes(request: NodeRequest): readonly Ref[];
  /** The only output of a node of the default domain. */
  node(op: string, inputs: readonly Ref[], attributes?: Readonly<Record<string, Attribute>>): Ref;
  /** The only output of a node of com.microsoft. */
  contrib(op: string, inputs: readonly Ref[], attributes?: Readonly<Record<string, Attribute>>): Ref;
  literal(array: NdArray<DType>): Ref;
  /** A list of int64, the type of shapes and axes. */
  ints(values: readonly number[]): Ref;
  scalar(value: number, dtype: DType): Ref;
  /** The value of a tensor that was lowered before. */
  ref(tensor: Tensor): Ref;
  /** The operations of the graph that use the tensor. */
  users(tensor: Tensor): readonly Tensor[];
  /** Whether nothing but one operation needs the tensor, so that it may be fused into that one. */
  isPrivate(tensor: Tensor): boolean;
}

export interface Emission {
  readonly nodes: OnnxNode[];
  readonly initializers: OnnxTensor[];
}

/** What a lowering may ask about the graph around its tensor. */
export interface GraphFacts {
  readonly refs: ReadonlyMap<Tensor, Ref>;
  readonly users: ReadonlyMap<Tensor, readonly Tensor[]>;
  readonly outputs: ReadonlySet<Tensor>;
  /** The names of inputs and outputs, which no other value may have. */
  readonly taken: ReadonlySet<string>;
}

/** An emitter that appends to `emission`. */
export function emitter(options: EmitOptions, emission: Emission, facts: GraphFacts): Emitter {
  const known = new Map<string, readonly Ref[]>();
  const literals = new Map<string, Ref>();
  const free = (name: string): Ref => (facts.taken.has(name) ? free(`${name}_`) : name);

  const nodes = ({ op, inputs, attributes = {}, domain = "", outputs = 1 }: NodeRequest): readonly Ref[] => {
    const key = `${domain}.${op}(${inputs})${JSON.stringify(attributes)}/${outputs}`;
    const found = known.get(key);
    if (found) return found;
    const at = emission.nodes.length;
    const names = Array.from({ length: outputs }, (_, i) => free(i === 0 ? `v${at}` : `v${at}.${i}`));
    emission.nodes.push({ op, domain, inputs: [...inputs], outputs: names, attributes, name: `${op}_${at}` });
    known.set(key, names);
    return names;
  };

  const literal = (array: NdArray<DType>): Ref => {
    const small = array.data.length <= 1024;
    const key = small ? `${array.dtype}[${array.shape}]:${array.data.join()}` : "";
    const found = small ? literals.get(key) : undefined;
    if (found) return found;
    const name = free(`c${emission.initializers.length}`);
    emission.initializers.push({ name, dtype: array.dtype, shape: array.shape, data: array.data });
    if (small) literals.set(key, name);
    return name;
  };

  return {
    options,
    nodes,
    node: (op, inputs, attributes) => nodes({ op, inputs, ...(attributes && { attributes }) })[0]!,
    contrib: (op, inputs, attributes) =>
      nodes({ op, inputs, domain: "com.microsoft", ...(attributes && { attributes }) })[0]!,
    literal,
    ints: (values) =>
      literal({ shape: [values.length], dtype: "int64", data: BigInt64Array.from(values, BigInt) }),
    scalar: (value, dtype) => literal({ shape: [], dtype, data: converted([value], dtype) }),
    ref: (tensor) => facts.refs.get(tensor)!,
    users: (tensor) => facts.users.get(tensor) ?? [],
    isPrivate: (tensor) => facts.users.get(tensor)?.length === 1 && !facts.outputs.has(tensor),
  };
}

/** Numbers as the elements of another dtype. */
export function converted<D extends DType>(values: ArrayLike<number>, dtype: D): DataOf<D> {
  const data = allocate(dtype, values.length);
  if (data instanceof BigInt64Array) for (let i = 0; i < values.length; i++) data[i] = BigInt(values[i]!);
  else (data as Float64Array).set(values);
  return data;
}
