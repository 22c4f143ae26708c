import type { SchemaElement } from "hyparquet";
import { ByteWriter, parquetWrite } from "hyparquet-writer";

/** What a column of a parquet file holds: a physical type, in lists `depth` deep; or pictures. */
export interface ColumnKind {
  readonly type: "FLOAT" | "DOUBLE" | "INT32" | "INT64" | "BOOLEAN" | "STRING" | "PICTURE";
  /** Lists around the values, default 0. */
  readonly depth?: number;
  /** How INT32 and INT64 are to be understood, where it is not as they are. */
  readonly integer?: "INT_8" | "INT_16" | "UINT_8" | "UINT_16" | "UINT_32";
}

export interface ParquetColumn extends ColumnKind {
  readonly name: string;
  /** A value a row; plain lists where depth > 0; { bytes, path } for pictures. */
  readonly values: unknown[];
}

export interface ParquetFile {
  readonly columns: readonly ParquetColumn[];
  /** Rows of each row group; one of all rows by default. */
  readonly groups?: readonly number[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The bytes of a parquet file, compressed with snappy. Equal columns give equal bytes. */
export function parquetBytes({ columns, groups, metadata = {} }: ParquetFile): Uint8Array {
  const writer = new ByteWriter();
  const rows = columns[0]?.values.length ?? 0;
  parquetWrite({
    writer,
    columnData: columns.map(({ name, values }) => ({ name, data: values })),
    schema: [{ name: "schema", num_children: columns.length }, ...columns.flatMap(schemaOf)],
    rowGroupSize: groups ? [...groups] : Math.max(1, rows),
    kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    createdBy: "advect",
  });
  return new Uint8Array(writer.getBuffer());
}

const optional = { repetition_type: "OPTIONAL" } as const;

function schemaOf({ name, ...kind }: ParquetColumn): SchemaElement[] {
  if (kind.type !== "PICTURE") return listSchema(name, kind);
  return [
    { name, ...optional, num_children: 2 },
    { name: "bytes", type: "BYTE_ARRAY", ...optional },
    { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", ...optional },
  ];
}

/** The three levels of a parquet list for every level of depth. */
function listSchema(name: string, { type, depth = 0, integer }: ColumnKind): SchemaElement[] {
  if (depth > 0) {
    const inner = listSchema("element", { type, depth: depth - 1, ...(integer && { integer }) });
    return [
      { name, ...optional, num_children: 1, converted_type: "LIST" },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      ...inner,
    ];
  }
  if (type === "STRING") return [{ name, type: "BYTE_ARRAY", converted_type: "UTF8", ...optional }];
  const converted = integer && ({ converted_type: integer } as const);
  return [{ name, type: type as "FLOAT", ...converted, ...optional }];
}
