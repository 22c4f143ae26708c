/** What MessagePack says, as far as advect reads and writes it: no extension types. */
export type Value = null | boolean | number | bigint | string | Uint8Array | readonly Value[] | Fields;

/** A map. Python's openpi marks arrays by keys that are binary, which other libraries cannot read or write. */
export interface Fields {
  /** By keys that are text. */
  readonly text: ReadonlyMap<string, Value>;
  /** By keys that are binary, as UTF-8. */
  readonly binary: ReadonlyMap<string, Value>;
}

/** A map whose keys are text. */
export const fields = (entries: Readonly<Record<string, Value>>): Fields => ({
  text: new Map(Object.entries(entries)),
  binary: new Map(),
});

export const isFields = (value: Value | undefined): value is Fields =>
  typeof value === "object" && value !== null && "text" in value && "binary" in value;
