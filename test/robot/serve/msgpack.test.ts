import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AdvectError } from "../../../src/engine/error.ts";
import { fields, pack, unpack, type Value } from "../../../src/robot/serve/msgpack/index.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** What msgpack 1.2.4 of Python packs, by msgpack.packb(value).hex(). */
const packed: readonly (readonly [string, Value, string])[] = [
  ["nil", null, "c0"],
  ["booleans", [true, false], "92c3c2"],
  ["small integers", [0, 127, -1, -32], "94007fffe0"],
  ["integers of more bytes", [128, 256, 65536, 2 ** 32], "94cc80cd0100ce00010000cf0000000100000000"],
  ["a float", 1.5, "cb3ff8000000000000"],
  ["text", "héé", "a568c3a9c3a9"],
  ["text of 32 bytes", "a".repeat(32), `d920${"61".repeat(32)}`],
  ["bytes", new Uint8Array([1, 2]), "c4020102"],
  ["16 items", Array.from({ length: 16 }, () => 0), `dc0010${"00".repeat(16)}`],
  ["a map", fields({ a: 1 }), "81a16101"],
  ["a map with a binary key", { text: new Map(), binary: new Map([["a", 1]]) }, "81c4016101"],
];

describe("pack", () => {
  test.each(packed)("writes %s as Python does", (_, value, bytes) => {
    expect(hex(pack(value))).toBe(bytes);
  });

  test("refuses integers of more than 64 bits", () => {
    expect(() => pack(1n << 64n)).toThrow("64 bits");
  });
});

/** NaN and -0 included; integers only where JavaScript has them exactly. */
const { value: anyValue } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(1n << 63n), max: -(1n << 54n) }),
    fc.string({ unit: "grapheme" }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie("value"), { maxLength: 20 }),
    fc.record({
      text: fc.dictionary(fc.string(), tie("value")).map((items) => new Map(Object.entries(items))),
      binary: fc.dictionary(fc.string(), tie("value")).map((items) => new Map(Object.entries(items))),
    }),
  ),
}));

describe("unpack", () => {
  test.each(packed)("reads %s", (_, value, bytes) => {
    expect(unpack(new Uint8Array(Buffer.from(bytes, "hex")))).toEqual(value);
  });

  test("reads what pack writes", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(unpack(pack(value), { maxDepth: 64, maxValues: 1e6 })).toEqual(value);
      }),
      { numRuns: 300 },
    );
  });

  test("reads the forms that pack does not choose", () => {
    const forms =
      "9acaffc00000" + "d0ff" + "d1fffe" + "d2fffffffd" + "d3fffffffffffffffc" + "da000161" + "db0000000162";
    const more = "c500010a" + "dd0000000101" + "df00000001a16301";
    expect(unpack(new Uint8Array(Buffer.from(forms + more, "hex")))).toEqual([
      Number.NaN,
      -1,
      -2,
      -3,
      -4,
      "a",
      "b",
      new Uint8Array([10]),
      [1],
      fields({ c: 1 }),
    ]);
  });

  test("reads a value or says what is wrong, whatever the bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(errorOf(bytes)).toSatisfy((error) => error === undefined || isFormat(error));
      }),
      { numRuns: 3000 },
    );
  });

  test("reads a value or says what is wrong when a message is damaged", () => {
    const damage = fc.record({ value: anyValue, at: fc.nat(), byte: fc.nat(255), cut: fc.nat(5) });
    fc.assert(
      fc.property(damage, ({ value, at, byte, cut }) => {
        const bytes = pack(value);
        bytes[at % bytes.length] = byte;
        const error = errorOf(bytes.subarray(0, Math.max(1, bytes.length - cut)));
        expect(error).toSatisfy((found) => found === undefined || isFormat(found));
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["a list of 4 billion", "ddffffffff"],
    ["a map of 4 billion", "dfffffffff00"],
    ["text of 4 GB", "dbffffffff61"],
    ["bytes of 4 GB", "c6ffffffff61"],
    ["lists inside each other", "91".repeat(100)],
    ["many tiny maps", `dd00004e20${"80".repeat(20_000)}`],
    ["an extension", "d40100"],
    ["a reserved code", "c1"],
    ["a key that is a number", "810101"],
    ["a key again", "82a16101a16102"],
    ["text that is not UTF-8", "a1ff"],
    ["bytes behind the value", "c0c0"],
    ["nothing", ""],
  ])("refuses %s", (_, bytes) => {
    expect(errorOf(new Uint8Array(Buffer.from(bytes, "hex")))).toSatisfy(isFormat);
  });
});

function errorOf(bytes: Uint8Array): unknown {
  try {
    unpack(bytes);
    return undefined;
  } catch (error) {
    return error;
  }
}

const isFormat = (error: unknown) => error instanceof AdvectError && error.kind === "format";
