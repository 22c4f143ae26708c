import fc from "fast-check";
import { expect, test } from "vitest";
import { imagePng, parsePng } from "../../../src/data/index.ts";
import { ndarray } from "../../../src/engine/index.ts";

// 12 x 10 pixels (20 x, 25 y, 7 x y mod 256): by Pillow, with the filters Sub and Paeth; with None and Average
const byPillow =
  "iVBORw0KGgoAAAANSUhEUgAAAAwAAAAKCAIAAAAPTiitAAAAVElEQVR42oXMIQ6AMBBE0U9CgkOBIKmrW1e3rq6u978Oqk2B7ZI8MeJnFuD4s3IBm69Hu2OMzplXFEzfKD4ViGYkIKBtyCxKIzNSSKBNdZ4UMhTIN/RXDH/bo8D6AAAAAElFTkSuQmCC";
const withAverage =
  "iVBORw0KGgoAAAANSUhEUgAAAAwAAAAKCAIAAAAPTiitAAAA/UlEQVR42n3QIUsEYRDG8Qc2CCNzQVa4gw2CoMsG0UFhwwsG4YrlDfsJZIJx4yJ42fDmCaYNhqvCfgCDYZLBvOE+huGCd1w97cNv/jwAkAMlEIAIKNABCeiBAXBgBDLMQHxAfEg8IT4iPiaeERfEJ8SnxOfEFSDIZVJKEaSKUqvMO2mSPPTSDrJwSaO8ZpujfwziC+KrbUWuRal10CZqq5o6XSb97HU16Np1Oup1hnv8bbwT3xDXgCG3qrQm2CLaUu27s3Wys97iYE9ub6N9ZZt3ezt2BnEgvt1OkXtdeht8GX2lPu08Jn/p/WPwH/fL0R8zPGNvx84gviOe/wJdSlUaJKSWIAAAAABJRU5ErkJggg==";

test.each([
  ["Sub and Paeth", byPillow],
  ["None and Average", withAverage],
])("a PNG with the filters %s has the pixels that were encoded", (_, base64) => {
  const { data, shape } = parsePng(Uint8Array.from(Buffer.from(base64, "base64")));
  expect(shape).toEqual([10, 12, 3]);
  const expected = Array.from({ length: 120 }, (_, i) => [i % 12, Math.floor(i / 12)] as const).flatMap(
    ([x, y]) => [20 * x, 25 * y, (7 * x * y) % 256],
  );
  expect(Array.from(data)).toEqual(expected);
});

test("pixels survive being encoded and decoded, with one to four channels", () => {
  const sizes = fc.tuple(
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 4 }),
  );
  const pictures = sizes.chain(([height, width, channels]) => {
    const length = height * width * channels;
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((data) => ndarray(new Uint8Array(data), [height, width, channels], "uint8"));
  });
  fc.assert(
    fc.property(pictures, (picture) => {
      expect(parsePng(imagePng(picture))).toEqual(picture);
    }),
  );
});

test("what is no PNG, and what is none of ours, is refused", () => {
  expect(() => parsePng(new Uint8Array(20), "a.png")).toThrow(/a.png, signature/);
  const palette = Uint8Array.from(Buffer.from(byPillow, "base64"));
  palette[25] = 3;
  expect(() => parsePng(palette)).toThrow(/IHDR.*checksum/);
  expect(() => imagePng(ndarray(new Uint8Array(10), [1, 2, 5], "uint8"))).toThrow(/1 to 4/);
});
