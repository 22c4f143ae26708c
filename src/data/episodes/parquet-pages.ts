import type { ColumnMetaData, FileMetaData, SchemaTree } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { decompressPage } from "hyparquet/src/datapage.js";
import { getMaxDefinitionLevel, getMaxRepetitionLevel, getSchemaPath } from "hyparquet/src/schema.js";
import { readVarInt } from "hyparquet/src/thrift.js";
import { compressors } from "hyparquet-compressors";
import { malformed } from "../../engine/array/malformed.ts";

/** Constant columns compress this far, no more; a hostile page may declare anything. */
const largestRatio = 100_000;
/** Values in one column of one row group: memory for more would not be there. */
export const mostValues = 2 ** 27;

interface Column {
  readonly bytes: Uint8Array;
  readonly where: string;
  readonly meta: ColumnMetaData;
  readonly path: SchemaTree[];
}

/**
 * Walks the pages of a column before hyparquet decodes them, which trusts their counts: sizes must fit the file, and
 * runs of equal values must end with the page. Throws "format"; and whatever decoders throw at damaged bytes.
 */
export function checkPages(
  metadata: FileMetaData,
  { bytes, name, where }: { readonly bytes: Uint8Array; readonly name: string; readonly where: string },
): void {
  for (const { columns } of metadata.row_groups) {
    for (const { meta_data: meta } of columns) {
      if (meta?.path_in_schema[0] !== name) continue;
      const path = getSchemaPath(metadata.schema, meta.path_in_schema);
      checkChunk({ bytes, where: `${where}, column ${name}`, meta, path });
    }
  }
}

type Header = ReturnType<typeof parquetHeader>;

function checkChunk(column: Column): void {
  const { bytes, meta, where } = column;
  const [first, dictionary = first] = [Number(meta.data_page_offset), optional(meta.dictionary_page_offset)];
  const start = dictionary > 0 ? Math.min(first, dictionary) : first;
  const end = start + Number(meta.total_compressed_size);
  if (!(start >= 0 && end <= bytes.length)) throw outside(where, `bytes ${start} to ${end}`);
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset + start, end - start), offset: 0 };
  let values = 0;
  while (reader.offset < end - start - 1) {
    const header = parquetHeader(reader);
    const size = header.compressed_page_size;
    const left = end - start - reader.offset;
    if (!(size >= 0 && size <= left)) throw outside(where, `a page of ${size ?? "unknown"} bytes`);
    if (!(header.uncompressed_page_size <= largestRatio * (size + 1))) {
      throw outside(where, `a page of ${header.uncompressed_page_size ?? "unknown"} bytes`);
    }
    values += checkPage(column, {
      header,
      packed: bytes.subarray(start + reader.offset, start + reader.offset + size),
    });
    if (values > Number(meta.num_values)) throw outside(where, `${values} values`);
    reader.offset += size;
  }
}

const optional = (value: bigint | undefined) => (value === undefined ? undefined : Number(value));

function outside(where: string, got: string): Error {
  return malformed(where, "pages", { expected: "pages that fit the file", got });
}

interface Page {
  readonly header: Header;
  readonly packed: Uint8Array;
}

/** How many values the page holds; dictionaries hold none. */
function checkPage(column: Column, page: Page): number {
  const { header } = page;
  const { dictionary_page_header: dictionary, data_page_header: v1, data_page_header_v2: v2 } = header;
  if (header.type === "DICTIONARY_PAGE") {
    checkCount(column, dictionary?.num_values, header.uncompressed_page_size);
    return 0;
  }
  const count = checkCount(column, (v2 ?? v1)?.num_values, Number(column.meta.num_values));
  if (header.type === "DATA_PAGE" && v1) checkV1(column, page, count);
  if (header.type === "DATA_PAGE_V2" && v2) checkV2(column, page, count);
  return count;
}

function checkCount({ where }: Column, count: number | undefined, most: number): number {
  if (count !== undefined && count >= 0 && count <= most) return count;
  throw outside(where, `a page of ${count ?? "unknown"} values`);
}

function checkV1(column: Column, { header, packed }: Page, count: number): void {
  const page = decompressPage(packed, header.uncompressed_page_size, column.meta.codec, compressors);
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  let offset = 0;
  for (const level of [getMaxRepetitionLevel(column.path), getMaxDefinitionLevel(column.path)]) {
    if (level === 0) continue;
    checkRuns(column, { view, offset: offset + 4, width: bitsFor(level), count });
    offset += 4 + view.getUint32(offset, true);
  }
  checkValues(column, { view, offset, encoding: header.data_page_header?.encoding, count });
}

function checkV2(column: Column, { header, packed }: Page, count: number): void {
  const v2 = header.data_page_header_v2!;
  const { repetition_levels_byte_length: repetition, definition_levels_byte_length: definition } = v2;
  const levels = repetition + definition;
  if (!(repetition >= 0 && definition >= 0 && levels <= packed.length && v2.num_nulls >= 0)) {
    throw outside(column.where, `levels of ${repetition ?? "unknown"} and ${definition ?? "unknown"} bytes`);
  }
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const [mostRepetition, mostDefinition] = [
    getMaxRepetitionLevel(column.path),
    getMaxDefinitionLevel(column.path),
  ];
  if (mostRepetition > 0) checkRuns(column, { view, offset: 0, width: bitsFor(mostRepetition), count });
  if (mostDefinition > 0)
    checkRuns(column, { view, offset: repetition, width: bitsFor(mostDefinition), count });
  const body = packed.subarray(levels);
  const size = header.uncompressed_page_size - levels;
  const page = v2.is_compressed === false ? body : decompressPage(body, size, column.meta.codec, compressors);
  const values = new DataView(page.buffer, page.byteOffset, page.byteLength);
  checkValues(column, { view: values, offset: 0, encoding: v2.encoding, count: count - v2.num_nulls });
}

const bitsFor = (level: number) => 32 - Math.clz32(level);

interface Values {
  readonly view: DataView;
  readonly offset: number;
  readonly encoding: string | undefined;
  readonly count: number;
}

/** Only runs of indices and of booleans can promise more than the bytes hold; other encodings end with them. */
function checkValues(column: Column, { view, offset, encoding, count }: Values): void {
  if (count <= 0) return;
  if (encoding === "RLE" && column.meta.type === "BOOLEAN") {
    checkRuns(column, { view, offset: offset + 4, width: 1, count });
  } else if (encoding === "RLE" || encoding?.endsWith("_DICTIONARY")) {
    const width = view.getUint8(offset);
    if (width > 32) throw outside(column.where, `indices of ${width} bits`);
    if (width > 0) checkRuns(column, { view, offset: offset + 1, width, count });
  }
}

interface Runs {
  readonly view: DataView;
  readonly offset: number;
  readonly width: number;
  readonly count: number;
}

/** Runs of the RLE and bit-packing hybrid [Parquet format, encoding 3], each within the values that are left. */
function checkRuns({ where }: Column, { view, offset, width, count }: Runs): void {
  const reader = { view, offset };
  for (let seen = 0; seen < count; ) {
    const header = readVarInt(reader);
    const isPacked = (header & 1) === 1;
    const length = isPacked ? (header >>> 1) * 8 : header >>> 1;
    const slack = isPacked ? 512 : 0; // writers fill up their last group
    if (header < 0 || length > count - seen + slack) throw outside(where, `a run of ${length} values`);
    reader.offset += isPacked ? (header >>> 1) * width : (width + 7) >> 3;
    seen += length;
  }
}
