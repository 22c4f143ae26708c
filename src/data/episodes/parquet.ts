import { type AsyncBuffer, type FileMetaData, parquetMetadata, parquetRead } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { malformed } from "../../engine/array/malformed.ts";
import { AdvectError } from "../../engine/error.ts";
import { checkPages, mostValues } from "./parquet-pages.ts";

/** A parquet file whose footer has been read; columns are read when they are asked for. */
export interface ParquetTable {
  readonly rows: number;
  /** Of the top level. */
  readonly names: readonly string[];
  /** What the writer said beside the data: "pandas", "huggingface" … */
  readonly metadata: Readonly<Record<string, string>>;
  /** A value a row: numbers, bigints, booleans, strings, lists of them, objects; null where there is none. Throws "format". */
  column(name: string): Promise<readonly unknown[]>;
  /** The physical type of the elements of a column: FLOAT, INT64 … */
  physicalType(name: string): string | undefined;
}

/** No page of a sound file needs more memory than this many bytes for each of the file. */
const mostRowsPerByte = 1000;

/** The table of a parquet file. Throws "format", naming `where`, whatever the bytes. */
export function parseParquet(bytes: Uint8Array, where: string): ParquetTable {
  const metadata = guarded(where, "footer", () => parquetMetadata(bytes));
  const rows = checkedRows(metadata, bytes.length, where);
  const { buffer, byteOffset, byteLength } = bytes;
  const file = {
    byteLength,
    slice: (start: number, end = byteLength) =>
      buffer.slice(byteOffset + start, byteOffset + Math.min(end, byteLength)) as ArrayBuffer,
  };
  return {
    rows,
    names: topLevel(metadata).map(({ name }) => name),
    metadata: Object.fromEntries(
      (metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ""]),
    ),
    async column(name) {
      const field = `column ${name}`;
      guarded(where, field, () => checkPages(metadata, { bytes, name, where }));
      const values = await readColumn({ file, metadata, name }).catch((cause: unknown) => {
        throw damaged(where, field, cause);
      });
      if (values.length === rows) return values;
      throw malformed(where, field, { expected: `${rows} values`, got: values.length });
    },
    physicalType: (name) => leafType(metadata, name),
  };
}

interface ColumnRequest {
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly name: string;
}

/** Row group by row group; without `utf8: false` hyparquet would take pictures for text. */
async function readColumn({ file, metadata, name }: ColumnRequest): Promise<unknown[]> {
  const chunks: { readonly rowStart: number; readonly values: ArrayLike<unknown> }[] = [];
  await parquetRead({
    ...{ file, metadata, compressors, columns: [name], utf8: false },
    onChunk: ({ rowStart, columnData }) => chunks.push({ rowStart, values: columnData }),
  });
  return chunks.toSorted((a, b) => a.rowStart - b.rowStart).flatMap(({ values }) => Array.from(values));
}

/** Declared sizes are what decoders allocate by: they must be what a file of this size can hold. */
function checkedRows(metadata: FileMetaData, size: number, where: string): number {
  const rows = Number(metadata.num_rows);
  const groups = metadata.row_groups.map((group) => Number(group.num_rows));
  const values = metadata.row_groups.flatMap(({ columns }) =>
    columns.flatMap(({ meta_data }) => (meta_data ? [Number(meta_data.num_values)] : [])),
  );
  const most = Math.min(mostValues, size * mostRowsPerByte);
  if (!Number.isSafeInteger(rows) || rows < 0 || groups.reduce((sum, count) => sum + count, 0) !== rows) {
    throw malformed(where, "rows", { expected: `${rows}, the sum over row groups`, got: `${groups}` });
  }
  if ([rows, ...groups, ...values].some((count) => !(count >= 0 && count <= most))) {
    throw malformed(where, "rows", {
      expected: `what ${size} bytes can hold`,
      got: Math.max(rows, ...values),
    });
  }
  return rows;
}

function topLevel({ schema }: FileMetaData): FileMetaData["schema"] {
  const found: FileMetaData["schema"] = [];
  for (let i = 1; i < schema.length; i = afterElement(schema, i)) found.push(schema[i]!);
  return found;
}

function afterElement(schema: FileMetaData["schema"], at: number): number {
  let next = at + 1;
  const children = Math.min(schema[at]?.num_children ?? 0, schema.length);
  for (let i = 0; i < children && next < schema.length; i++) next = afterElement(schema, next);
  return next;
}

function leafType(metadata: FileMetaData, name: string): string | undefined {
  const column = metadata.row_groups[0]?.columns.find(
    ({ meta_data }) => meta_data?.path_in_schema[0] === name,
  );
  return column?.meta_data?.type;
}

function guarded<T>(where: string, field: string, fn: () => T): T {
  try {
    return fn();
  } catch (cause) {
    throw damaged(where, field, cause);
  }
}

function damaged(where: string, field: string, cause: unknown): AdvectError {
  if (cause instanceof AdvectError) return cause;
  const said = cause instanceof Error ? cause.message : String(cause);
  const telling = said.startsWith("parquet ") && !said.includes("undefined"); // others are faults of decoders
  return malformed(where, field, {
    expected: "a whole parquet file",
    got: telling ? said : "damaged bytes",
    cause,
  });
}
