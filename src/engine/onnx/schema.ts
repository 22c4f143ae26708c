import type { Int } from "./model.ts";
import { type Message, many, one } from "./proto.ts";

/*
 * The messages of onnx.proto that advect reads or writes, with their field numbers. Names are ONNX's in camel case.
 * Fields that are not here are skipped when read, except those that change what a model computes: advect refuses
 * them, so they are here too.
 */

export interface ModelProto {
  readonly irVersion?: Int;
  readonly producerName?: string;
  readonly graph?: GraphProto;
  readonly opsetImport?: readonly OpsetProto[];
  readonly metadataProps?: readonly EntryProto[];
  readonly functions?: readonly object[];
}

export const modelProto: Message<ModelProto> = () => ({
  irVersion: one(1, "int"),
  producerName: one(2, "string"),
  graph: one(7, graphProto),
  opsetImport: many(8, opsetProto),
  metadataProps: many(14, entryProto),
  functions: many(25, opaque),
});

export interface OpsetProto {
  readonly domain?: string;
  readonly version?: Int;
}

export const opsetProto: Message<OpsetProto> = () => ({ domain: one(1, "string"), version: one(2, "int") });

export interface EntryProto {
  readonly key?: string;
  readonly value?: string;
}

export const entryProto: Message<EntryProto> = () => ({ key: one(1, "string"), value: one(2, "string") });

export interface GraphProto {
  readonly node?: readonly NodeProto[];
  readonly name?: string;
  readonly initializer?: readonly TensorProto[];
  readonly input?: readonly ValueInfoProto[];
  readonly output?: readonly ValueInfoProto[];
  readonly valueInfo?: readonly ValueInfoProto[];
  readonly sparseInitializer?: readonly object[];
}

export const graphProto: Message<GraphProto> = () => ({
  node: many(1, nodeProto),
  name: one(2, "string"),
  initializer: many(5, tensorProto),
  input: many(11, valueInfoProto),
  output: many(12, valueInfoProto),
  valueInfo: many(13, valueInfoProto),
  sparseInitializer: many(15, opaque),
});

export interface NodeProto {
  readonly input?: readonly string[];
  readonly output?: readonly string[];
  readonly name?: string;
  readonly opType?: string;
  readonly attribute?: readonly AttributeProto[];
  readonly domain?: string;
}

export const nodeProto: Message<NodeProto> = () => ({
  input: many(1, "string"),
  output: many(2, "string"),
  name: one(3, "string"),
  opType: one(4, "string"),
  attribute: many(5, attributeProto),
  domain: one(7, "string"),
});

export interface AttributeProto {
  readonly name?: string;
  readonly f?: number;
  readonly i?: Int;
  readonly s?: string;
  readonly t?: TensorProto;
  readonly g?: GraphProto;
  readonly floats?: readonly number[];
  readonly ints?: readonly Int[];
  readonly strings?: readonly string[];
  readonly tensors?: readonly TensorProto[];
  readonly graphs?: readonly GraphProto[];
  readonly type?: Int;
}

export const attributeProto: Message<AttributeProto> = () => ({
  name: one(1, "string"),
  f: one(2, "float"),
  i: one(3, "int"),
  s: one(4, "string"),
  t: one(5, tensorProto),
  g: one(6, graphProto),
  floats: many(7, "float"),
  ints: many(8, "int"),
  strings: many(9, "string"),
  tensors: many(10, tensorProto),
  graphs: many(11, graphProto),
  type: one(20, "int"),
});

export interface TensorProto {
  readonly dims?: readonly Int[];
  readonly dataType?: Int;
  readonly segment?: object;
  readonly floatData?: readonly number[];
  readonly int32Data?: readonly Int[];
  readonly int64Data?: readonly Int[];
  readonly name?: string;
  readonly rawData?: Uint8Array;
  readonly doubleData?: readonly number[];
  readonly uint64Data?: readonly Int[];
  readonly externalData?: readonly EntryProto[];
  readonly dataLocation?: Int;
}

export const tensorProto: Message<TensorProto> = () => ({
  dims: many(1, "int"),
  dataType: one(2, "int"),
  segment: one(3, opaque),
  floatData: many(4, "float"),
  int32Data: many(5, "int"),
  int64Data: many(7, "int"),
  name: one(8, "string"),
  rawData: one(9, "bytes"),
  doubleData: many(10, "double"),
  uint64Data: many(11, "int"),
  externalData: many(13, entryProto),
  dataLocation: one(14, "int"),
});

export interface ValueInfoProto {
  readonly name?: string;
  readonly type?: TypeProto;
}

export const valueInfoProto: Message<ValueInfoProto> = () => ({
  name: one(1, "string"),
  type: one(2, typeProto),
});

export interface TypeProto {
  readonly tensorType?: TensorTypeProto;
}

const typeProto: Message<TypeProto> = () => ({ tensorType: one(1, tensorTypeProto) });

export interface TensorTypeProto {
  readonly elemType?: Int;
  readonly shape?: ShapeProto;
}

const tensorTypeProto: Message<TensorTypeProto> = () => ({
  elemType: one(1, "int"),
  shape: one(2, shapeProto),
});

export interface ShapeProto {
  readonly dim?: readonly DimensionProto[];
}

const shapeProto: Message<ShapeProto> = () => ({ dim: many(1, dimensionProto) });

export interface DimensionProto {
  readonly dimValue?: Int;
  readonly dimParam?: string;
}

const dimensionProto: Message<DimensionProto> = () => ({
  dimValue: one(1, "int"),
  dimParam: one(2, "string"),
});

/** A message of which only the presence matters. */
const opaque: Message<object> = () => ({});
